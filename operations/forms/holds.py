from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from operations.forms.hold_facts import PEOPLE


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


class DateHoldsForm(HoldsForm):
    due_on = forms.DateField(
        required=False,
        label="Decision due on",
        help_text="Empty: by no day.",
        widget=forms.DateInput({"type": "date"}),
    )

    def clean_due_on(self) -> date | None:
        due_on: date | None = self.cleaned_data["due_on"]
        if due_on is not None and due_on < timezone.localdate():
            raise forms.ValidationError("This day is past. Choose today or a later day.")
        return due_on


HOLDS_FORMS: dict[str, type[HoldsForm]] = {
    "release": ReleaseHoldsForm,
    "date": DateHoldsForm,
    "assign": AssignHoldsForm,
}
