from __future__ import annotations

from typing import Any

from django import forms

from finance.domain.invoice_table import read_lines
from finance.domain.invoices import NUMBER_CHARACTERS_MAX, InvoiceOrder
from finance.domain.words import InvoiceKind
from lots.models import Supplier
from operations.forms.costs import BYTES_MAX, table_text
from supplychain.base.choices import choices
from supplychain.base.errors import MalformedError

FAULTS_SHOWN = 50


class InvoiceForm(forms.Form):
    """Whose invoice it is, and its lines: written, pasted, or from a file."""

    supplier = forms.ModelChoiceField(Supplier.objects.all(), to_field_name="code")
    number = forms.CharField(
        max_length=NUMBER_CHARACTERS_MAX, label="Number", help_text="The supplier's own."
    )
    kind = forms.ChoiceField(
        choices=choices(InvoiceKind),
        label="Kind",
        help_text="A credit takes back what was invoiced, with quantities above nothing.",
    )
    invoiced_on = forms.DateField(
        label="Invoiced on",
        widget=forms.DateInput({"type": "date"}),
        help_text="A plant day, today or before.",
    )
    currency = forms.CharField(min_length=3, max_length=3, label="Currency")
    evidence = forms.CharField(
        max_length=4000,
        label="What shows it",
        widget=forms.Textarea({"rows": 2}),
        help_text="Where it is filed, what was ordered: what an auditor will ask for.",
    )
    upload = forms.FileField(
        label="Lines from a file",
        required=False,
        help_text="CSV with lot, quantity, unit_price and, where it says them, item and work.",
    )
    lines = forms.CharField(
        label="Lines",
        required=False,
        max_length=BYTES_MAX,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text="One on a line: N3W010, 25, 18250.00. For work name the item, or leave it empty, "
        "and the stage it brought the lot to: N3W010, 25, 640.00,, bumped-wafer. A file takes "
        "their place.",
    )

    def clean(self) -> dict[str, Any]:
        """With what was read of the lines under `table`, and their text under `lines`."""
        cleaned = super().clean() or {}
        if cleaned.get("upload") is not None:
            cleaned["lines"] = table_text(self, cleaned["upload"])
        if self.errors:
            return cleaned
        if not cleaned["lines"].strip():
            raise forms.ValidationError("Write a line at least, or choose a file.")
        try:
            table = read_lines(cleaned["lines"])
        except MalformedError as error:
            self.add_error("lines", error.detail)
            return cleaned
        for fault in table.faults[:FAULTS_SHOWN]:
            self.add_error("lines", f"Row {fault.row}: {fault.reason}")
        return {**cleaned, "table": table}

    def order(self) -> InvoiceOrder:
        """What a valid form asks for."""
        said = self.cleaned_data
        return InvoiceOrder(
            supplier=said["supplier"].code,
            number=said["number"],
            kind=InvoiceKind(said["kind"]),
            invoiced_on=said["invoiced_on"],
            currency=said["currency"].upper(),
            evidence=said["evidence"],
            lines=tuple(said["table"].lines),
        )
