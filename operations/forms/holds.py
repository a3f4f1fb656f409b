from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from operations.forms.lot_stops import PEOPLE


class HoldsForm(forms.Form):
    """Shared: the key that makes a repeat harmless."""

    op_key = forms.CharField(max_length=60, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"op_key": f"page:{uuid4()}"})


class ReleaseHoldsForm(HoldsForm):
    disposition = forms.CharField(
        max_length=200,
        label="Disposition of all of them",
        help_text="Use as is, rework, retest, return … and why.",
    )


class AssignHoldsForm(HoldsForm):
    owner = forms.ModelChoiceField(PEOPLE, required=False, label="Owner", empty_label="Nobody")


HOLDS_FORMS: dict[str, type[HoldsForm]] = {
    "release": ReleaseHoldsForm,
    "assign": AssignHoldsForm,
}
