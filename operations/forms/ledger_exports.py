from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms

from finance.domain.queries import SEQ_MAX, LedgerQuery
from finance.domain.words import Account, ExportFormat

KEY_CHARACTERS_MAX = 60
FORMATS = [
    (ExportFormat.CSV, "CSV, RFC 4180"),
    (ExportFormat.CSV_EXCEL, "CSV for spreadsheets, texts made harmless"),
    (ExportFormat.NDJSON, "NDJSON, a line for each row"),
    (ExportFormat.PARQUET, "Parquet, exact decimals"),
]


class ExportForm(forms.Form):
    """What is to leave. op_key: the same at a second click, so that it is one export."""

    op_key = forms.CharField(max_length=KEY_CHARACTERS_MAX, widget=forms.HiddenInput)
    format = forms.ChoiceField(choices=FORMATS, label="Format")
    period = forms.ChoiceField(label="Period", required=False)
    account = forms.ChoiceField(
        label="Account",
        required=False,
        choices=[("", "All"), *((one, one.replace("-", " ").capitalize()) for one in Account)],
    )
    as_of_seq = forms.IntegerField(
        label="Up to ledger line",
        min_value=0,
        max_value=SEQ_MAX,
        required=False,
        help_text="The last one there is, if left empty.",
    )

    def __init__(self, data: Any = None, *, periods: Sequence[str]) -> None:
        super().__init__(data, initial={"op_key": uuid4().hex})
        choices = [("", "All"), *((code, code) for code in periods)]
        self.fields["period"].choices = choices  # type: ignore[attr-defined]

    def query(self) -> LedgerQuery:
        """Of the ledger."""
        said = self.cleaned_data
        return LedgerQuery(
            limit=0, as_of_seq=said["as_of_seq"], period=said["period"], account=said["account"]
        )
