from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finance.domain.posting_table import TABLE
from finance.domain.words import Account, EntryKind
from supplychain.base.api import StrictQueryMixin
from supplychain.base.choices import choices


class TableRowSerializer(serializers.Serializer[Any]):
    """What an event may post: one of the debits gets plus, one of the credits minus."""

    events = serializers.ListField(
        child=serializers.CharField(), help_text="Verbs of the lots ledger, or documents."
    )
    situation = serializers.CharField()
    kind = serializers.ChoiceField(choices=choices(EntryKind))
    debits = serializers.ListField(child=serializers.ChoiceField(choices=choices(Account)))
    credits = serializers.ListField(child=serializers.ChoiceField(choices=choices(Account)))
    is_either_way = serializers.BooleanField(help_text="Or with the sides turned.")
    is_same_account = serializers.BooleanField(help_text="Both are the same account.")


class PostingTableSerializer(serializers.Serializer[Any]):
    results = TableRowSerializer(many=True)


class PostingTableView(StrictQueryMixin):
    """The table of postings; it holds no figures of the books."""

    rights = "finance.view_postingrules"

    @extend_schema(
        operation_id="finance_posting_table_list",
        summary="Which event posts which accounts",
        responses=PostingTableSerializer,
    )
    def get(self, request: Request) -> Response:
        """A correction posts, beside its own rows, those of what it takes back, turned around."""
        return Response(PostingTableSerializer({"results": TABLE}).data)
