from __future__ import annotations

import csv
import io
from collections.abc import Generator
from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from finance.api import parameters
from finance.api.reading import ReadsAMinute, logged, read_of
from finance.api.serializers import MoneyField, UnitsField
from finance.selectors.variances import (
    ACCOUNTS,
    COLUMNS,
    FILTERS,
    VarianceAsked,
    Variances,
    variances,
    variances_asked,
)
from finance.services import log_read
from supplychain.base.api import StrictQueryMixin
from supplychain.base.errors import MalformedError
from supplychain.base.sheets import harmless
from supplychain.base.tables import CSV, JSON, CsvRenderer


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


class VarianceView(StrictQueryMixin):
    """What differed from standard."""

    rights = "finance.view_ledgerentry"
    throttle_classes = [ReadsAMinute]
    renderer_classes = [JSONRenderer, CsvRenderer]
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
        found = variances(asked)
        if request.accepted_renderer.format == CsvRenderer.format:
            return _file(request, asked, found)
        content = {"as_of_seq": asked.as_of_seq, "amount": found.amount, "results": found.rows}
        shown = VariancesSerializer(content).data
        return logged(request, shown, len(found.rows), asked.as_of_seq)

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """A format nobody writes is the caller's error, not a missing page."""
        try:
            return super().perform_content_negotiation(request, force)
        except Http404 as error:
            raise MalformedError("format must be json or csv.", parameter="format") from error


def _file(request: Request, asked: VarianceAsked, found: Variances) -> HttpResponse:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in found.rows:
        cells = (getattr(row, name) for name in COLUMNS)
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])

    def body() -> Generator[tuple[bytes, int]]:
        yield text.getvalue().encode(), len(found.rows)

    query = f"variances?{request.META.get('QUERY_STRING', '')}"
    read = read_of(request, query, "csv", asked.as_of_seq)
    answer = HttpResponse(
        b"".join(log_read(read=read, chunks=body())), content_type=f"{CSV}; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="variances-{asked.as_of_seq}.csv"'
    answer["X-As-Of-Seq"] = str(asked.as_of_seq)
    return answer
