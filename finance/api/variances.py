from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from finance.api import parameters
from finance.api.conditions import tag_of, without_reading
from finance.api.reading import BooksMixin, logged
from finance.api.serializers import MoneyField, UnitsField
from finance.api.tables import TableMixin, table_file
from finance.selectors.variances import ACCOUNTS, COLUMNS, FILTERS, variances, variances_asked
from supplychain.base.tables import CSV, JSON


class VarianceSerializer(serializers.Serializer[Any]):
    """Lines of one month that are alike. amount: a loss is positive, a gain negative."""

    period = serializers.CharField()
    account = serializers.CharField()
    kind = serializers.CharField()
    item = serializers.CharField()
    stage = serializers.CharField(allow_blank=True)
    supplier = serializers.CharField(help_text="Custodian of the goods.")
    unit_of_measure = serializers.CharField()
    quantity = UnitsField()
    amount = MoneyField()
    line_count = serializers.IntegerField()


class VariancesSerializer(serializers.Serializer[Any]):
    as_of_seq = serializers.IntegerField()
    amount = MoneyField(help_text="Over all results.")
    results = VarianceSerializer(many=True)


class VarianceView(TableMixin, BooksMixin):
    """What differed from standard."""

    rights = "finance.view_ledgerentry"
    query_parameters: ClassVar[frozenset[str]] = frozenset(
        {"from", "to", "account", "as_of_seq", *FILTERS}
    )

    @extend_schema(
        operation_id="finance_variance_list",
        summary="Variances by account, kind, item, stage, supplier and month",
        parameters=[
            OpenApiParameter("from", parameters.MONTH, description="From this period on."),
            OpenApiParameter("to", parameters.MONTH, description="Up to this period."),
            OpenApiParameter(
                "account", str, enum=list(ACCOUNTS),
                description="Every variance account without it; conversion when asked for.",
            ),
            *(OpenApiParameter(name, str, description="Only these.") for name in FILTERS),
            parameters.AS_OF_SEQ,
        ],
        responses={(200, JSON): VariancesSerializer, (200, CSV): OpenApiTypes.STR},
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """The latest month first, then the largest amount."""
        asked = variances_asked(request.query_params.dict())
        tag = tag_of(request, asked.head_sha256)
        if unread := without_reading(request, tag, asked.as_of_seq):
            return unread
        found = variances(asked)
        if request.accepted_renderer.format != JSONRenderer.format:
            rows = [[getattr(row, name) for name in COLUMNS] for row in found.rows]
            return table_file(request, COLUMNS, rows, asked.as_of_seq, tag)
        content = {"as_of_seq": asked.as_of_seq, "amount": found.amount, "results": found.rows}
        shown = VariancesSerializer(content).data
        return logged(request, shown, len(found.rows), asked.as_of_seq, tag=tag)
