"""Doors that documents of every kind share: one of them, what it would post, approval."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api.reading import BooksMixin
from finance.api.serializers import MoneyField
from finance.models.documents import Document
from finance.selectors.documents import document_by_id
from finance.services.documents import (
    Foreseen,
    Trade,
    approved,
    foreseen_of,
    given_up,
    told_document,
)
from supplychain.base.api import KeysetPagination
from supplychain.base.api_bodies import person_of
from supplychain.base.conditional import named_tag

PEOPLE = ("prepared_by", "prepared_at", "approved_by", "approved_at", "transaction")
"""Fields of every document: whose it is, and what it posted."""


class ClosedSerializer(serializers.Serializer[Any]):
    """A part of a body in which what nobody reads is refused."""

    def to_internal_value(self, data: Any) -> Any:
        """ValidationError for members that there are not."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({key: ["Nobody reads this."] for key in unknown})
        return super().to_internal_value(data)


class DocumentSerializer(serializers.ModelSerializer[Any]):
    """transaction: of the subledger; null while it waits."""

    prepared_by = serializers.CharField(source="prepared_by.username")
    approved_by = serializers.CharField(
        source="approved_by.username", default=None, allow_null=True
    )


class ForeseenLegSerializer(serializers.Serializer[Any]):
    account = serializers.CharField(source="position.account")
    stage = serializers.CharField(source="position.stage")
    item = serializers.CharField(source="position.item")
    custodian = serializers.CharField(source="position.custodian")
    lot = serializers.CharField()
    amount = MoneyField()


class ForeseenSerializer(serializers.Serializer[Any]):
    period = serializers.CharField(source="day.period")
    is_prior_period = serializers.BooleanField(source="day.is_prior")
    legs = ForeseenLegSerializer(many=True)


class NewestDocumentsFirst(KeysetPagination):
    ordering: ClassVar[list[str]] = ["-id"]


class DocumentView(BooksMixin):
    """One document. trade: which kind; shape: how it is shown."""

    trade: ClassVar[Trade[Any]]
    shape: ClassVar[type[DocumentSerializer]]

    def document(self, pk: int) -> Document:
        """MissingError for one that there is not."""
        found: Document = document_by_id(self.trade.rows.all(), pk, self.trade.called)
        return found

    def shown(self, pk: int) -> Response:
        """As it stands."""
        return Response(self.shape(self.document(pk)).data)


class DocumentDetailView(DocumentView):
    def get(self, request: Request, pk: int) -> Response:
        return self.shown(pk)

    def delete(self, request: Request, pk: int) -> Response:
        """One that is posted stays."""
        given_up(self.trade, self.document(pk), actor=person_of(request))
        return Response(status=204)


class DocumentPreviewView(DocumentView):
    def get(self, request: Request, pk: int) -> Response:
        """Refused for the reasons for which its approval would be."""
        document = self.document(pk)
        foreseen = foreseen_of(self.trade, document)
        tag = {"ETag": f'"{told_document(document, foreseen).sha256}"'}
        return Response(self.foreseen_content(foreseen), headers=tag)

    def foreseen_content(self, foreseen: Foreseen) -> dict[str, Any]:
        """As it is shown."""
        return dict(ForeseenSerializer(foreseen).data)


class DocumentApprovalView(DocumentView):
    def post(self, request: Request, pk: int) -> Response:
        """Posted as one transaction, and frozen: what If-Match says was looked at."""
        approved(
            self.trade, self.document(pk), approver=person_of(request), seen=named_tag(request)
        )
        return self.shown(pk)
