"""Genealogy for programs, as JSON or as the rows of a file: the same as the pages tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from lots.domain.moments import SEQ_MAX, Moment, asked_moment
from lots.selectors.as_of import refuse_future
from lots.selectors.genealogy import EdgeRow, LineageRow
from operations.api.trace import MaterialSerializer, TracedUnitSerializer
from operations.selectors.genealogy import (
    UNITS_AT_ONCE,
    LotGenealogy,
    genealogy_of,
    lot_genealogy,
)
from operations.selectors.genealogy_rows import genealogy_rows, lot_rows
from operations.selectors.lots import lot_by_code, wafer_by_code
from operations.selectors.trace import unit_by_serial
from supplychain.base.api import StrictQueryMixin
from supplychain.base.errors import MalformedError
from supplychain.base.sheets import sheet

CSV, JSON = "text/csv", "application/json"
CLOSED = OpenApiParameter(
    "closed", bool, description="Also edges that have ended, with their interval."
)
AS_OF = OpenApiParameter(
    "as_of_seq",
    {"type": "integer", "minimum": 0, "maximum": SEQ_MAX},
    description="As known when the ledger was at this event: edges, material and lots, of a lot "
    "also its units and wafers.",
)
AFTER = OpenApiParameter(
    "after",
    str,
    description="Serial of a unit: go on with the units after it. Not for CSV, which has all.",
)


class EdgeSerializer(serializers.Serializer[Any]):
    """One edge around a unit: child stands in parent. until: null while it does.

    serial: the unit at the far end; beside: at the near end, one step back to the unit.
    """

    direction = serializers.SerializerMethodField(help_text="`up` to containers, `down` to parts.")
    depth = serializers.IntegerField()
    serial = serializers.CharField()
    beside = serializers.CharField()
    parent = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer above
    child = serializers.CharField()
    kind = serializers.CharField()
    product = serializers.CharField()
    position = serializers.CharField()
    quantity = serializers.SerializerMethodField(help_text="1: an edge joins two serials.")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    opened_seq = serializers.IntegerField(help_text="Event of the ledger that built it in.")
    closed_seq = serializers.IntegerField(
        allow_null=True, help_text="Event that took it out; null while it stands."
    )
    state = serializers.CharField()
    trust = serializers.CharField(help_text="`declared` where only the vendor says so.")
    lot = serializers.CharField(allow_null=True)
    wafer = serializers.CharField(allow_null=True)
    x = serializers.IntegerField(allow_null=True)
    y = serializers.IntegerField(allow_null=True)
    declared_lot = serializers.CharField(allow_blank=True)
    declared_wafer = serializers.CharField(allow_blank=True)

    def get_direction(self, edge: EdgeRow) -> str:
        """Seen from the unit."""
        return _way(edge.direction)

    def get_quantity(self, edge: EdgeRow) -> int:
        """Of a part with a serial."""
        return 1


class LineageSerializer(serializers.Serializer[Any]):
    """A lot that came from another."""

    direction = serializers.SerializerMethodField(
        help_text="`down` to what it came from, `up` to what came of it."
    )
    parent = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer above
    child = serializers.CharField()
    kind = serializers.CharField(help_text="`split`, `merge`, `assemble`, `bin` or `swap`.")
    quantity = serializers.IntegerField(
        allow_null=True, help_text="What the parent gave, in its unit of measure."
    )
    seq = serializers.IntegerField()
    occurred_at = serializers.DateTimeField()
    parent_product = serializers.CharField()
    child_product = serializers.CharField()

    def get_direction(self, row: LineageRow) -> str:
        """Seen from the lot or unit asked for."""
        return _way(row.direction)


class GenealogySerializer(serializers.Serializer[Any]):
    """Every edge around a unit, nearest first, and how its lots came to be."""

    serial = serializers.CharField(source="unit.serial")
    edges = EdgeSerializer(many=True)
    lineage = LineageSerializer(many=True)
    materials = MaterialSerializer(many=True)


class MemberSerializer(TracedUnitSerializer):
    """A unit of the lot or a die of the wafer. seq: of the event that made it."""

    declared_lot = serializers.CharField(allow_blank=True)
    declared_wafer = serializers.CharField(allow_blank=True)
    seq = serializers.IntegerField(source="created_by.seq")


class GenealogyWaferSerializer(serializers.Serializer[Any]):
    """A wafer of the lot."""

    code = serializers.CharField()
    number = serializers.IntegerField(allow_null=True)
    is_scrapped = serializers.BooleanField()
    is_diced = serializers.BooleanField()


class LotGenealogySerializer(serializers.Serializer[Any]):
    """Lots both ways, wafers, and units with every edge around them."""

    lot = serializers.CharField(source="lot.code")
    wafer = serializers.CharField(
        source="wafer.code", default=None, allow_null=True, help_text="Null for a whole lot."
    )
    lineage = LineageSerializer(many=True, help_text="Newest first; at most 5,000.")
    wafers = GenealogyWaferSerializer(many=True)
    unit_count = serializers.IntegerField()
    units = MemberSerializer(many=True, help_text=f"At most {UNITS_AT_ONCE}.")
    edges = EdgeSerializer(many=True)
    materials = MaterialSerializer(many=True)
    next_after = serializers.CharField(
        allow_blank=True, help_text="What to give as `after` for more units; empty at the end."
    )


def _way(direction: int) -> str:
    return "up" if direction > 0 else "down"


class CsvRenderer(BaseRenderer):
    """Rows of text, the first one their heads; a problem stays JSON."""

    media_type = CSV
    format = "csv"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return "".join(sheet(data)).encode()


class GenealogyBase(StrictQueryMixin):
    """JSON or CSV, with or without what has ended."""

    rights = "lots.view_unit"
    renderer_classes = [JSONRenderer, CsvRenderer]
    query_parameters = frozenset({"closed", "as_of_seq"})

    def is_closed_too(self) -> bool:
        """Whether ended edges are wished. MalformedError for any other word."""
        closed = self.request.query_params.get("closed", "false")
        if closed not in {"true", "false"}:
            raise MalformedError("closed must be true or false.", parameter="closed")
        return closed == "true"

    def moment(self) -> Moment | None:
        """As known at which event; None for now. MalformedError for one to come."""
        moment = asked_moment(self.request.query_params.get("as_of_seq", ""), "")
        if moment is not None:
            refuse_future(moment)
        return moment

    def is_file(self) -> bool:
        """Whether rows of a file are wished."""
        return bool(self.request.accepted_renderer.format == CsvRenderer.format)

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """A format nobody writes is the caller's error, not a missing page."""
        try:
            return super().perform_content_negotiation(request, force)
        except Http404 as error:
            raise MalformedError("format must be json or csv.", parameter="format") from error


class UnitGenealogyView(GenealogyBase):
    """Every edge around a unit, as JSON or as rows of a file."""

    @extend_schema(
        summary="Every genealogy edge around a unit, up and down; JSON or CSV",
        operation_id="unit_genealogy",
        parameters=[CLOSED, AS_OF],
        responses={(200, JSON): GenealogySerializer, (200, CSV): OpenApiTypes.STR},
    )
    def get(self, request: Request, serial: str) -> Response:
        """Nearest first."""
        closed, moment = self.is_closed_too(), self.moment()
        genealogy = genealogy_of(unit_by_serial(serial), is_closed_too=closed, moment=moment)
        if self.is_file():
            return Response(genealogy_rows(genealogy))
        return Response(GenealogySerializer(genealogy).data)


class LotGenealogyView(GenealogyBase):
    """Genealogy of a lot, as JSON or as rows of a file."""

    query_parameters = frozenset({"closed", "after", "as_of_seq"})

    @extend_schema(
        summary="Lots a lot came from and that came of it, and every edge around its units",
        operation_id="lot_genealogy",
        parameters=[CLOSED, AS_OF, AFTER],
        responses={(200, JSON): LotGenealogySerializer, (200, CSV): OpenApiTypes.STR},
    )
    def get(self, request: Request, code: str) -> Response | StreamingHttpResponse:
        """Units in the order they came; JSON by pages of them, CSV whole."""
        return self.answer(lot_genealogy(lot_by_code(code), **self.asked()))

    def asked(self) -> Mapping[str, Any]:
        """Arguments of the selector. MalformedError where a file is asked from somewhere on."""
        after = self.request.query_params.get("after", "")
        if after and self.is_file():
            raise MalformedError("A CSV has all units. Leave after out.", parameter="after")
        closed, moment = self.is_closed_too(), self.moment()
        return {"after": after, "is_closed_too": closed, "moment": moment}

    def answer(self, genealogy: LotGenealogy) -> Response | StreamingHttpResponse:
        """In the format that is asked for."""
        if not self.is_file():
            return Response(LotGenealogySerializer(genealogy).data)
        rows = lot_rows(genealogy, is_closed_too=self.is_closed_too())
        return StreamingHttpResponse(sheet(rows), content_type=CSV)


class WaferGenealogyView(LotGenealogyView):
    """Genealogy of a wafer, as JSON or as rows of a file."""

    @extend_schema(
        summary="What a wafer came from, its dies, and every edge around them",
        operation_id="wafer_genealogy",
        parameters=[CLOSED, AS_OF, AFTER],
        responses={(200, JSON): LotGenealogySerializer, (200, CSV): OpenApiTypes.STR},
    )
    def get(self, request: Request, code: str) -> Response | StreamingHttpResponse:
        """Dies in the order they came; JSON by pages of them, CSV whole."""
        wafer = wafer_by_code(code)
        return self.answer(lot_genealogy(wafer.lot, wafer, **self.asked()))
