from __future__ import annotations

import json
from typing import Any, TypedDict

from django import forms

from intake.models import FeedRow
from lots.models import Lot, Step
from operations.selectors.files import RowField, row_fields, steps_of_lot


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One file or several."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        single = super().clean
        return [single(one, initial) for one in data or [None]]


class UploadForm(forms.Form):
    uploads = ManyFilesField(label="Files", allow_empty_file=True)
    creates_lots = forms.BooleanField(
        label="Unknown lots become engineering lots",
        required=False,
        help_text="For test files of lots that no partner reported. Else they wait for a match.",
    )


class Match(TypedDict):
    lot: Lot
    step: Step


class MatchForm(forms.Form):
    """Which lot and step a test file belongs to, when the file does not say."""

    lot = forms.CharField(label="Lot", max_length=64)
    step = forms.CharField(label="Step", max_length=32, help_text="Code of a step on its route.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lot = Lot.objects.filter(code=cleaned.get("lot", "")).first()
        if "lot" in cleaned and lot is None:
            self.add_error("lot", "There is no lot with this code.")
        if lot is not None and "step" in cleaned:
            steps = {step.code: step for step in steps_of_lot(lot)}
            cleaned["found_step"] = steps.get(cleaned["step"])
            if cleaned["found_step"] is None:
                known = ", ".join(steps)
                self.add_error("step", f"Not on the route of {lot}. Its steps: {known}.")
        cleaned["found_lot"] = lot
        return cleaned

    def match(self) -> Match:
        return {"lot": self.cleaned_data["found_lot"], "step": self.cleaned_data["found_step"]}


class PreviewForm(forms.Form):
    upload = forms.FileField(label="Report", help_text="WIP, ship notice, assembly or wafer map.")


class DropForm(forms.Form):
    reason = forms.CharField(
        max_length=400, label="Why", help_text="Kept with the rows and the name of who drops them."
    )


class RepairForm(forms.Form):
    """One input a value of the row, beside what the partner wrote."""

    def __init__(self, data: Any = None, *, row: FeedRow) -> None:
        super().__init__(data)
        self.row_fields = {self.input_name(one): one for one in row_fields(row)}
        for name, one in self.row_fields.items():
            self.fields[name] = _input(one)

    @staticmethod
    def input_name(one: RowField) -> str:
        return f"value_{one.name}"

    def lines(self) -> list[tuple[RowField, forms.BoundField]]:
        """Each value with its input."""
        return [(one, self[name]) for name, one in self.row_fields.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, one in self.row_fields.items():
            if one.is_nested and name in cleaned:
                try:
                    cleaned[name] = json.loads(cleaned[name])
                except ValueError as error:
                    self.add_error(name, f"This is no JSON: {error}. Compare it with the original.")
        return cleaned

    def content(self) -> dict[str, Any]:
        """The row as repaired; empty texts are left out."""
        return {
            one.name: self.cleaned_data[name]
            for name, one in self.row_fields.items()
            if self.cleaned_data[name] != "" or one.original != ""
        }


def _input(one: RowField) -> forms.CharField:
    is_long = one.is_nested or len(one.value) > 80
    widget = forms.Textarea({"rows": 6}) if is_long else forms.TextInput()
    return forms.CharField(
        label=one.name,
        initial=one.value,
        required=False,
        strip=False,
        max_length=2_000_000,
        widget=widget,
    )
