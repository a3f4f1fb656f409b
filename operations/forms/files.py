from __future__ import annotations

from typing import Any, TypedDict

from django import forms

from lots.models import Lot, Step
from operations.selectors.files import steps_of_lot


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
