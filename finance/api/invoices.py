"""Suppliers' invoices: prepare, look, approve or give up."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api.documents import (
    PEOPLE,
    ClosedSerializer,
    DocumentApprovalView,
    DocumentDetailView,
    DocumentPreviewView,
    DocumentSerializer,
    ForeseenSerializer,
    NewestDocumentsFirst,
)
from finance.api.parameters import ETAG, SEEN
from finance.api.reading import BooksMixin
from finance.api.serializers import MoneyField, UnitsField
from finance.domain.invoice_table import QUANTITY_DIGITS_MAX
from finance.domain.invoices import LINES_MAX, NUMBER_CHARACTERS_MAX, InvoiceOrder, LineOrder
from finance.domain.words import InvoiceKind
from finance.models import Invoice
from finance.selectors.invoices import invoice_by_id, listed_invoices
from finance.services import prepare_invoice
from finance.services.invoices import APPROVE, INVOICES, PREPARE
from supplychain.base.api_bodies import KEY, checked_body, operation_key, person_of

LOOK = "finance.view_invoice"


class InvoiceLineOrderSerializer(ClosedSerializer):
    """A lot as it was received or worked. item: what the invoice says, compared with the books."""

    lot = serializers.CharField(max_length=64)
    item = serializers.CharField(max_length=64, required=False)
    work = serializers.CharField(
        max_length=32,
        required=False,
        help_text="The stage that work on the lot brought it to. Without it, it is for goods.",
    )
    quantity = serializers.IntegerField(min_value=1, max_value=10**QUANTITY_DIGITS_MAX - 1)
    unit_price = serializers.DecimalField(max_digits=20, decimal_places=6, min_value=0)


class InvoiceOrderSerializer(serializers.Serializer[Any]):
    supplier = serializers.CharField(max_length=32)
    number = serializers.CharField(max_length=NUMBER_CHARACTERS_MAX)
    kind = serializers.ChoiceField(choices=list(InvoiceKind), default=InvoiceKind.INVOICE)
    invoiced_on = serializers.DateField()
    currency = serializers.CharField(max_length=3)
    evidence = serializers.CharField(max_length=4000)
    lines = serializers.ListField(
        child=InvoiceLineOrderSerializer(), allow_empty=False, max_length=LINES_MAX
    )


class InvoiceLineSerializer(serializers.Serializer[Any]):
    """received, before: as they stood when it was prepared; minus for a credit note."""

    lot = serializers.CharField(source="lot_id")
    item = serializers.CharField(source="item_id")
    stage = serializers.CharField(source="stage_id", allow_null=True)
    work = serializers.CharField(help_text="The stage that work brought it to; empty for goods.")
    unit_of_measure = serializers.CharField()
    quantity = UnitsField()
    unit_price = MoneyField()
    amount = MoneyField()
    standard_amount = MoneyField(help_text="Of the same units, or of the work on them.")
    difference = MoneyField(help_text="Paid beyond standard; minus for less.")
    received_quantity = UnitsField()
    received_amount = MoneyField()
    before_quantity = UnitsField(help_text="Invoiced before.")
    before_amount = MoneyField()


HEAD = ("id", "supplier", "number", "kind", "invoiced_on", "currency", "evidence")


class InvoiceSerializer(DocumentSerializer):
    supplier = serializers.CharField(source="supplier.code")
    invoiced_on = serializers.DateField(source="effective_on")
    lines = InvoiceLineSerializer(many=True)

    class Meta:
        model = Invoice
        fields = [*HEAD, *PEOPLE, "lines"]


class ListedInvoiceSerializer(DocumentSerializer):
    """Without its lines, which may be many."""

    supplier = serializers.CharField(source="supplier.code")
    invoiced_on = serializers.DateField(source="effective_on")
    lot_count = serializers.IntegerField()
    amount = MoneyField()
    difference = MoneyField(help_text="Paid beyond standard; minus for less.")

    class Meta:
        model = Invoice
        fields = [*HEAD, *PEOPLE, "lot_count", "amount", "difference"]


class InvoiceListView(BooksMixin, ListAPIView[Invoice]):
    """Every invoice, and preparing one."""

    queryset = listed_invoices()
    serializer_class = ListedInvoiceSerializer
    pagination_class = NewestDocumentsFirst
    filter_backends = ()
    rights: ClassVar[dict[str, str]] = {"GET": LOOK, "POST": PREPARE}
    query_parameters = frozenset({"supplier"})

    def get_queryset(self) -> Any:
        """Of the supplier that is asked for."""
        return listed_invoices(self.request.query_params.get("supplier", ""))

    @extend_schema(
        summary="Suppliers' invoices, newest first",
        parameters=[OpenApiParameter("supplier", str, description="Only of this one, by code.")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Prepare an invoice",
        description="Somebody else approves it; nothing is posted before.",
        request=InvoiceOrderSerializer,
        responses={201: InvoiceSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        """The same key and order get the same document again."""
        key, asked = operation_key(request), dict(checked_body(request, InvoiceOrderSerializer))
        lines = tuple(LineOrder(**one) for one in asked.pop("lines"))
        asked["kind"] = InvoiceKind(asked["kind"])
        document = prepare_invoice(
            order=InvoiceOrder(**asked, lines=lines), key=key, preparer=person_of(request)
        )
        return Response(InvoiceSerializer(invoice_by_id(document.pk)).data, status=201)


@extend_schema_view(
    get=extend_schema(summary="One invoice", responses=InvoiceSerializer),
    delete=extend_schema(summary="Give up an invoice that waits", responses={204: None}),
)
class InvoiceDetailView(DocumentDetailView):
    """One invoice, with what was received and invoiced before."""

    trade, shape = INVOICES, InvoiceSerializer
    rights: ClassVar[dict[str, str]] = {"GET": LOOK, "DELETE": PREPARE}


@extend_schema_view(
    get=extend_schema(
        summary="What an invoice would post", responses=ForeseenSerializer, parameters=[ETAG]
    )
)
class InvoicePreviewView(DocumentPreviewView):
    """What its approval would post as things stand."""

    trade = INVOICES
    rights = LOOK


@extend_schema_view(
    post=extend_schema(
        summary="Approve an invoice",
        request=None,
        parameters=[SEEN],
        responses={200: InvoiceSerializer},
    )
)
class InvoiceApprovalView(DocumentApprovalView):
    """Approval by somebody else than who prepared."""

    trade, shape = INVOICES, InvoiceSerializer
    rights = APPROVE
