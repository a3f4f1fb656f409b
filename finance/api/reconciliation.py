from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from finance.api.closes import VERSION_MAX
from finance.api.conditions import tag_of, without_reading
from finance.api.parameters import ETAG
from finance.api.reading import BooksMixin, logged
from finance.api.serializers import MoneyField, UnitsField
from finance.domain.queries import whole_number
from finance.domain.words import DifferenceReason
from finance.selectors.closing import period_by_code
from finance.selectors.ledger import watermark
from finance.selectors.reconciling import close_counted, counts_kept, reconciliation
from finance.selectors.told import told_close
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
    amount = MoneyField(help_text="What the subledger carries it at.")
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


class ClosedReconciliationSerializer(ReconciliationSerializer):
    """As it was counted when the version was prepared, or the period was closed.

    events_seq: the last event of the lots ledger that was counted. differences: the first 1,000,
    those that nothing explains before others; differing, faulty: of how many lots, in all.
    """

    period = serializers.CharField()
    version = serializers.IntegerField()
    counted_at = serializers.DateTimeField()
    events_seq = serializers.IntegerField()
    differing = serializers.IntegerField(help_text="Lots of which two counts differed.")
    faulty = serializers.IntegerField(help_text="Lots of which nothing explained why.")


class ReconciliationView(BooksMixin):
    """The subledger against the lots' events and what is there, by stage, item and custodian."""

    rights = "finance.view_ledgerentry"

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


class ClosedReconciliationView(BooksMixin):
    """The reconciliation that a close keeps."""

    rights = "finance.view_ledgerentry"
    query_parameters = frozenset({"version"})

    @extend_schema(
        operation_id="reconciliation_retrieve",
        summary="The counts as a period was closed",
        parameters=[
            OpenApiParameter(
                "version",
                {"type": "integer", "minimum": 1, "maximum": VERSION_MAX},
                description="Of the close; unless told, the one in force.",
            ),
            ETAG,
        ],
        responses=ClosedReconciliationSerializer,
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """The same for ever. Missing where the period is not closed, or was before this came."""
        given, number = request.query_params.dict(), None
        if "version" in given:
            number = whole_number(given, "version", 1, (1, VERSION_MAX))
        close = close_counted(period_by_code(code).code, number)
        tag = tag_of(request, told_close(close).sha256)
        if unread := without_reading(request, tag, close.seq):
            return unread
        kept = counts_kept(close)
        assert kept is not None, "a version without any is missing"
        content = {
            "period": close.period_id,
            "version": close.version,
            "counted_at": close.prepared_at,
            "as_of_seq": close.seq,
            "events_seq": kept.events_seq,
            "is_proven": kept.is_proven,
            "differing": kept.differing,
            "faulty": kept.faulty,
            "stocks": kept.stocks,
            "differences": kept.differences,
        }
        shown = ClosedReconciliationSerializer(content).data
        return logged(request, shown, len(kept.stocks), close.seq, tag=tag)
