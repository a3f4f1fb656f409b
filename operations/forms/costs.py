from __future__ import annotations

from typing import Any

from django import forms

BYTES_MAX = 2_000_000
"""What a form may carry from the preview to the import."""


def table_text(form: forms.Form, upload: Any) -> str:
    """The text of an uploaded table; "", and an error beside the field, for one that is none."""
    if upload.size > BYTES_MAX:
        form.add_error("upload", f"It is larger than {BYTES_MAX:,} bytes.")
        return ""
    try:
        text: str = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        form.add_error("upload", "It is no UTF-8 text. Save it as CSV in UTF-8.")
        return ""
    return text


class CostImportForm(forms.Form):
    """A table of costs, from a file at first, then as it was shown."""

    code = forms.CharField(max_length=32, label="Version", help_text="Its code, as STD-2027.")
    effective_on = forms.DateField(
        label="Applies from", widget=forms.DateInput({"type": "date"}), help_text="A plant day."
    )
    upload = forms.FileField(
        label="Table",
        required=False,
        help_text="CSV with item, stage, unit_cost and, if any, yield_ratio and supplier.",
    )
    table = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """With the text of the table under `table`."""
        cleaned = super().clean() or {}
        upload = cleaned.get("upload")
        if upload is None and not cleaned.get("table"):
            self.add_error("upload", "Choose a CSV file.")
        elif upload is not None:
            cleaned["table"] = table_text(self, upload)
        return cleaned


class AssumptionImportForm(CostImportForm):
    """A table of assumptions that costs are rolled up from."""

    upload = forms.FileField(
        label="Table",
        required=False,
        help_text=(
            "CSV with kind, item, stage, value and, where they say something, component, supplier "
            "and source. Lines of the bills of materials are added."
        ),
    )


class AssumptionForm(forms.Form):
    """Another value for one line."""

    line = forms.IntegerField(min_value=1, label="Line")
    value = forms.DecimalField(max_digits=20, decimal_places=6, label="New value")
