from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from lots.api.filters import LotFilter
from lots.api.serializers import EventSerializer, LotDetailSerializer, LotSerializer
from lots.models import Event, Lot
from lots.selectors import events_of_lot, ledger_events, lots_with_details, quantities_of
from lots.selectors.lots import listed_lots
from supplychain.base.api import KeysetPagination, StrictQueryMixin
from supplychain.base.errors import MalformedError

TAIL_EVENTS = 20


@extend_schema(summary="Lots, newest first")
class LotListView(StrictQueryMixin, ListAPIView[Lot]):
    queryset = listed_lots()
    serializer_class = LotSerializer
    filterset_class = LotFilter


@extend_schema(summary="One lot: quantities, holds, wafers, ancestry, latest events")
class LotDetailView(StrictQueryMixin, RetrieveAPIView[Lot]):
    queryset = lots_with_details()
    serializer_class = LotDetailSerializer
    lookup_field = "code"

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        lot = self.get_object()
        context = {
            "quantities": quantities_of(lot),
            "events": list(events_of_lot(lot)[:TAIL_EVENTS]),
        }
        return Response(
            LotDetailSerializer(lot, context=context).data, headers={"ETag": f'"{lot.version}"'}
        )


class SeqPagination(KeysetPagination):
    """Pages by the ledger's own gapless number, so that a reader can stop and go on for ever."""

    ordering: ClassVar[str] = "seq"
    query_parameters: ClassVar[frozenset[str]] = frozenset({"after_seq", "limit"})

    def paginate_queryset(
        self, queryset: QuerySet[Any, Any] | Any, request: Request, view: Any = None
    ) -> list[Any]:
        after, limit = _after_seq(request), self._limit(request)
        rows = list(queryset.filter(seq__gt=after).order_by("seq")[:limit])
        self.next_url = None
        if len(rows) == limit:
            here = request.build_absolute_uri()
            self.next_url = replace_query_param(here, "after_seq", rows[-1].seq)
        return rows

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit, _ = super().get_schema_operation_parameters(view)
        after = {
            "name": "after_seq",
            "in": "query",
            "required": False,
            "description": "The last seq you have; 0 to begin.",
            "schema": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1, "default": 0},
        }
        return [after, limit]


def _after_seq(request: Request) -> int:
    word = request.query_params.get("after_seq", "0")
    if not (word.isascii() and word.isdigit() and len(word) < 20 and int(word) < 2**63):
        raise MalformedError("after_seq must be a whole number from 0.", parameter="after_seq")
    return int(word)


@extend_schema(summary="The event ledger by seq: gapless, append-only")
class EventListView(StrictQueryMixin, ListAPIView[Event]):
    queryset = ledger_events()
    serializer_class = EventSerializer
    pagination_class = SeqPagination


class NewestEventsFirst(KeysetPagination):
    ordering: ClassVar[str] = "-seq"


def events_of(code: str) -> QuerySet[Event, Any]:
    return events_of_lot(get_object_or_404(Lot, code=code))
