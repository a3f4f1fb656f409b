"""What was received, or worked, and is not invoiced."""

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
from finance.domain.words import Given
from finance.selectors.uninvoiced import COLUMNS, FILTERS, uninvoiced, uninvoiced_asked
from supplychain.base.tables import CSV, JSON


class OpenLotSerializer(serializers.Serializer[Any]):
    """A lot of which more came than is invoiced; minus where it is less.

    Of work, received is what was worked, and stage what it brought the lot to.
    """

    supplier = serializers.CharField()
    lot = serializers.CharField()
    item = serializers.CharField()
    stage = serializers.CharField(allow_blank=True)
    unit_of_measure = serializers.CharField(allow_blank=True)
    received_on = serializers.DateField(help_text="Plant day of the first of it.")
    age_days = serializers.IntegerField()
    received_quantity = UnitsField()
    received_amount = MoneyField(help_text="At standard.")
    invoiced_quantity = UnitsField()
    invoiced_standard = MoneyField(help_text="What the invoiced units were received at.")
    quantity = UnitsField(help_text="Open.")
    amount = MoneyField(help_text="Open, at standard.")


class OpenSumSerializer(serializers.Serializer[Any]):
    supplier = serializers.CharField()
    lot_count = serializers.IntegerField()
    amount = MoneyField()


class ProofSerializer(serializers.Serializer[Any]):
    """balance + received + difference = 0, and received + difference - invoiced = open."""

    balance = MoneyField(
        help_text="Of the supplier account, or of conversion for work; minus is owed."
    )
    received = MoneyField(help_text="At standard.")
    difference = MoneyField(help_text="What invoices differ by from it.")
    invoiced = MoneyField()
    open = MoneyField()
    check = MoneyField(help_text="Zero.")


class UninvoicedSerializer(serializers.Serializer[Any]):
    as_of_seq = serializers.IntegerField()
    as_of_date = serializers.DateField()
    amount = MoneyField(help_text="Over all results.")
    proof = ProofSerializer()
    sums = OpenSumSerializer(many=True)
    results = OpenLotSerializer(many=True)


class UninvoicedView(TableMixin, BooksMixin):
    """Received or worked, not invoiced, by supplier and lot."""

    rights = "finance.view_ledgerentry"
    query_parameters: ClassVar[frozenset[str]] = frozenset(
        {"as_of_seq", "as_of_date", "of", *FILTERS}
    )

    @extend_schema(
        operation_id="finance_received_not_invoiced_list",
        summary="Received or worked, not invoiced, by supplier and lot",
        parameters=[
            *(OpenApiParameter(name, str, description="Only this.") for name in FILTERS),
            OpenApiParameter(
                "of",
                enum=list(Given),
                default=Given.GOODS,
                description="Goods received, or work on our lots.",
            ),
            parameters.AS_OF_SEQ,
            parameters.AS_OF_DATE,
        ],
        responses={(200, JSON): UninvoicedSerializer, (200, CSV): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        """By supplier, the oldest first. The plant's today without a day."""
        asked = uninvoiced_asked(request.query_params.dict())
        tag = tag_of(request, asked.head_sha256, asked.day)
        if unread := without_reading(request, tag, asked.as_of_seq):
            return unread
        found = uninvoiced(asked)
        if request.accepted_renderer.format != JSONRenderer.format:
            rows = [[getattr(row, name) for name in COLUMNS] for row in found.rows]
            return table_file(request, COLUMNS, rows, asked.as_of_seq, tag)
        content = {
            "as_of_seq": asked.as_of_seq,
            "as_of_date": asked.day,
            "amount": found.amount,
            "proof": found.proof,
            "sums": found.sums,
            "results": found.rows,
        }
        shown = UninvoicedSerializer(content).data
        return logged(request, shown, len(found.rows), asked.as_of_seq, tag=tag)
