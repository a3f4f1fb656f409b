"""What one would write first: DRF's ModelSerializer over the table, in pages."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.test import APIRequestFactory

from finance.domain.entries import COLUMNS
from finance.models import LedgerEntry

PAGES = 100
PAGE_ROWS = 1000


class PeerSerializer(serializers.ModelSerializer[LedgerEntry]):
    """The same columns. Codes come from the row itself, or each would be a query."""

    stage = serializers.CharField(source="stage_id")
    item = serializers.CharField(source="item_id")
    lot = serializers.CharField(source="lot_id")
    cost_version = serializers.CharField(source="cost_version_id")
    custodian = serializers.CharField(source="custodian_id")
    period = serializers.CharField(source="period_id")

    class Meta:
        model = LedgerEntry
        fields = list(COLUMNS)


class PeerPages(CursorPagination):
    page_size = PAGE_ROWS
    ordering = "seq"


class PeerView(ListAPIView[LedgerEntry]):
    """Nobody is asked who they are."""

    queryset = LedgerEntry.objects.all()
    serializer_class = PeerSerializer
    pagination_class = PeerPages
    filter_backends = ()
    authentication_classes = ()
    permission_classes = ()


def pages(count: int) -> None:
    """Follow the cursor over so many pages, each rendered as JSON."""
    factory, answer = APIRequestFactory(), PeerView.as_view()
    url = "/peer"
    for _ in range(count):
        response = answer(factory.get(url, SERVER_NAME="localhost"))
        response.render()
        assert len(response.data["results"]) == PAGE_ROWS
        url = response.data["next"]
