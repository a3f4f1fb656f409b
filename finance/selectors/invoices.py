"""Suppliers' invoices as they are listed and shown."""

from __future__ import annotations

from django.db.models import Count, QuerySet, Sum

from finance.models import Invoice
from finance.selectors.documents import document_by_id


def invoices() -> QuerySet[Invoice]:
    """All of them, the newest first."""
    return Invoice.objects.select_related(
        "supplier", "prepared_by", "approved_by"
    ).prefetch_related("lines")


def listed_invoices(supplier: str = "") -> QuerySet[Invoice]:
    """The same without their lines. lot_count, amount, standard: of all lines."""
    listed = Invoice.objects.select_related("supplier", "prepared_by", "approved_by")
    if supplier:
        listed = listed.filter(supplier__code=supplier)
    sums = {
        "lot_count": Count("lines"),
        "amount": Sum("lines__amount"),
        "difference": Sum("lines__amount") - Sum("lines__standard_amount"),
    }
    return listed.annotate(**sums).order_by("-id")


def invoice_by_id(pk: int) -> Invoice:
    """MissingError for an unknown one."""
    return document_by_id(invoices(), pk, "invoice")
