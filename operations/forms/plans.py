from __future__ import annotations

from django import forms

from operations.forms.costs import CostImportForm


class PlanImportForm(CostImportForm):
    """A plan of assets, from a file at first, then as it was shown."""

    code = forms.CharField(max_length=32, label="Plan", help_text="Its code, as PLAN-2027.")
    upload = forms.FileField(
        label="Table",
        required=False,
        help_text=(
            "CSV with item, month, quantity, unit_cost and, where they do not follow from it, "
            "chip_cost and megawatt_cost."
        ),
    )
