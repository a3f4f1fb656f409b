from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from finance.domain.invoices import InvoiceOrder
from finance.domain.words import Given
from finance.models import Invoice
from finance.selectors.invoices import listed_invoices
from finance.selectors.ledger import watermark
from finance.selectors.uninvoiced import (
    COLUMNS,
    UninvoicedAsked,
    over_invoiced,
    uninvoiced,
    uninvoiced_asked,
)
from finance.services import prepare_invoice, try_invoice
from finance.services.invoices import INVOICES, PREPARE
from operations.forms.invoices import InvoiceForm
from operations.views.books import BooksMoment, BooksPage
from operations.views.documents import (
    DocumentActPage,
    DocumentListPage,
    DocumentNewPage,
    DocumentPage,
)

LOOK = "finance.view_invoice"
LINES_SHOWN = 500
TITLES = {Given.GOODS: "Received, not invoiced", Given.WORK: "Worked, not invoiced"}


class InvoiceListPage(DocumentListPage):
    """Every invoice, newest first: what waits, and what was posted."""

    template_name = "operations/invoice_list.html"
    title = "Invoices"
    right: ClassVar[str] = LOOK
    trade = INVOICES

    def listed(self) -> QuerySet[Any]:
        return listed_invoices(self.given.get("supplier", ""))


class InvoiceNewPage(DocumentNewPage):
    """Shows each line beside what came, and prepares the invoice once the person agrees."""

    template_name = "operations/invoice_new.html"
    title = "Enter an invoice"
    right: ClassVar[str] = PREPARE
    form_class = InvoiceForm
    address = "operations:finance-invoice"

    def first(self) -> dict[str, Any]:
        lots, work = self.request.GET.getlist("lot")[:LINES_SHOWN], self.given.get("work", "")
        rest = f", , , {work}" if work else ""
        return {
            "invoiced_on": self.books.today(),
            "currency": self.books.currency,
            "supplier": self.given.get("supplier", ""),
            "lines": "\n".join(f"{lot}, {rest}" for lot in lots),
        }

    def tried(self, order: InvoiceOrder) -> dict[str, Any]:
        found = try_invoice(order=order, preparer=self.person)
        return {
            "tried": found,
            "unfit": [line for line in found.lines if line.refusal],
            "matches": [line.match for line in found.lines if line.match][:LINES_SHOWN],
            "foreseen": found.foreseen,
        }

    def prepared(self, order: InvoiceOrder, key: str) -> Invoice:
        return prepare_invoice(order=order, key=key, preparer=self.person)

    def again(self, form: InvoiceForm) -> InvoiceForm:
        """As it was sent, with the lines of a file where they can be mended."""
        said = {name: form.data.get(name, "") for name in form.fields}
        return InvoiceForm(initial={**said, "lines": form.cleaned_data["lines"]})


class InvoicePage(DocumentPage):
    """One invoice: each line three ways, what its approval would post, or what it posted."""

    template_name = "operations/invoice.html"
    right: ClassVar[str] = LOOK
    trade = INVOICES
    address = "operations:finance-invoice"

    def told(self, document: Invoice) -> dict[str, Any]:
        lines = list(document.lines.all())
        return {
            "matches": [line.match for line in lines[:LINES_SHOWN]],
            "hidden": max(0, len(lines) - LINES_SHOWN),
            "amount": sum(line.amount for line in lines),
            "difference": sum(line.difference for line in lines),
            "over": [row["lot"] for row in self.over(document, [one.lot_id for one in lines])],
        }

    def over(self, document: Invoice, lots: list[str]) -> list[dict[str, Any]]:
        """Of a posted one, lots of which more is invoiced than came."""
        return list(over_invoiced(document.supplier.code, lots)) if document.approved_at else []


class InvoiceActPage(InvoicePage, DocumentActPage):
    """Approves an invoice, or gives it up; what would be posted is on its page."""


class UninvoicedPage(BooksPage):
    """What was received, or worked, and is not invoiced, by supplier and lot, and the proof."""

    template_name = "operations/uninvoiced.html"
    title = TITLES[Given.GOODS]

    def asked(self) -> UninvoicedAsked:
        return uninvoiced_asked(self.given)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.asked()
        found = uninvoiced(asked)
        parts = {
            "title": TITLES[asked.given],
            "moment": BooksMoment(watermark(asked.as_of_seq), asked.day, ""),
            "asked": asked,
            "found": found,
            "rows": found.rows[:LINES_SHOWN],
            "hidden": max(0, len(found.rows) - LINES_SHOWN),
            "may_prepare": self.may(PREPARE),
        }
        return super().get_context_data(**{**parts, **kwargs})


class UninvoicedCsv(UninvoicedPage):
    """Every row."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = self.asked()
        rows = ([getattr(row, name) for name in COLUMNS] for row in uninvoiced(asked).rows)
        return self.table_file(_file_name(asked), COLUMNS, rows, asked.as_of_seq)


def _file_name(asked: UninvoicedAsked) -> str:
    return "worked-not-invoiced" if asked.given is Given.WORK else "received-not-invoiced"
