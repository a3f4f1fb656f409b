from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from finance.api.reading import ReadsAMinute, logged
from finance.api.serializers import UnitsField
from finance.domain.words import DifferenceReason
from finance.selectors.ledger import watermark
from finance.selectors.reconciling import reconciliation
from supplychain.base.api import StrictQueryMixin
from supplychain.base.choices import choices
from supplychain.base.snapshots import snapshot


class StockSerializer(serializers.Serializer[Any]):
    account = serializers.CharField(source="stock.account", allow_blank=True)
    stage = serializers.CharField(
        source="stock.stage", allow_blank=True, help_text="Empty where a step has none."
    )
    item = serializers.CharField(source="stock.item")
    unit_of_measure = serializers.CharField(source="stock.unit_of_measure")
    custodian = serializers.CharField(source="stock.custodian")
    ledger = UnitsField(help_text="What the subledger carries.")
    events = UnitsField(help_text="What the lots' last events left.")


class StockLineSerializer(StockSerializer):
    there = UnitsField(help_text="Serials and wafers that are good and built into nothing.")
    unserialised = UnitsField(help_text="Units of lots without serials, by the events.")
    differing = serializers.IntegerField(help_text="Lots of which two counts differ.")
    is_proven = serializers.BooleanField()


class LotDifferenceSerializer(StockSerializer):
    """there: null for a lot without serials. owed: it waits to be posted, which is no fault."""

    lot = serializers.CharField()
    there = UnitsField(allow_null=True)
    reason = serializers.ChoiceField(choices=choices(DifferenceReason))


class ReconciliationSerializer(serializers.Serializer[Any]):
    as_of_seq = serializers.IntegerField()
    is_proven = serializers.BooleanField(help_text="Nothing differs but what waits to be posted.")
    stocks = StockLineSerializer(many=True)
    differences = LotDifferenceSerializer(many=True)


class ReconciliationView(StrictQueryMixin):
    """The subledger against the lots' events and what is there, by stage, item and custodian."""

    rights = "finance.view_ledgerentry"
    throttle_classes = [ReadsAMinute]

    @extend_schema(
        summary="Counts by the books, by events and of what is there",
        responses=ReconciliationSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """As everything stands now: what is there can only be counted now."""
        with snapshot():
            found, mark = reconciliation(), watermark(None)
        content = {
            "as_of_seq": mark.seq,
            "is_proven": not found.faults,
            "stocks": found.stocks,
            "differences": found.differences,
        }
        shown = ReconciliationSerializer(content).data
        return logged(request, shown, len(found.stocks), mark.seq)
