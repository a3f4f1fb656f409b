"""Wafers of a lot laid on each other, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from operations.selectors.lots import lot_by_code
from operations.selectors.map_layers import Material, Position, positions, step_of
from supplychain.base.errors import MissingError
from supplychain.base.tables import TableView, table_answer, table_responses

COLUMNS = ("x", "y", "tested", "failed_first", "failed_last", "changed")
SCHEMA = pa.schema([(name, pa.int64()) for name in COLUMNS])


class PositionSerializer(serializers.Serializer[Any]):
    """A place over the wafers of a lot, counted in dies."""

    x = serializers.IntegerField()
    y = serializers.IntegerField()
    tested = serializers.IntegerField()
    failed_first = serializers.IntegerField(help_text="By their first insertion.")
    failed_last = serializers.IntegerField(help_text="By the insertion that decides them.")
    changed = serializers.IntegerField(help_text="Whose last outcome is not their first.")


class LotMapSerializer(serializers.Serializer[Any]):
    """All places of a lot's wafers at a step, in order of y and x."""

    lot = serializers.CharField()
    step = serializers.CharField()
    places = PositionSerializer(many=True)


class LotMapView(TableView):
    """The wafers of one lot on one map."""

    rights = "testing.view_unitresult"
    query_parameters = frozenset({"step"})

    @extend_schema(
        summary="Wafers of a lot laid on each other at a step: JSON, CSV, Parquet or Arrow",
        operation_id="lot_map",
        parameters=[
            OpenApiParameter(
                "step", {"type": "string", "minLength": 1, "maxLength": 32}, required=True,
                description="Step code.",
            )
        ],
        responses=table_responses(LotMapSerializer),
    )  # fmt: skip
    def get(self, request: Request, code: str) -> HttpResponseBase:
        """Dies counted by place. 404 for an unknown lot, or a step without results by place."""
        kind = self.streamed_kind(request)
        lot = lot_by_code(code)
        word = request.query_params.get("step", "")
        step = step_of(Material(lot), word) if word else None
        if step is None:
            raise MissingError(f"Lot {code} has no results by position at {word!r}.", step=word)
        places = positions(lot, step)
        if kind:
            return table_answer(iter([_piece(places)]), SCHEMA, kind, "stacked-map")
        body = {"lot": lot.code, "step": step.code, "places": places}
        return Response(LotMapSerializer(body).data)


def _piece(places: Sequence[Position]) -> pa.RecordBatch:
    columns = [pa.array([getattr(one, name) for one in places], pa.int64()) for name in COLUMNS]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
