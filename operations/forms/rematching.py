"""Where a loaded file belongs instead, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms

from intake.services import NewMatch
from lots.domain.words import LotState
from lots.models import Lot
from operations.selectors.files import steps_of_lot

REASON_CHARACTERS_MAX = 1000
WAFER_CHARACTERS_MAX = 80


class TakeBackForm(forms.Form):
    """Why a run is taken back. op_key: the same at a second click, so that it happens once."""

    op_key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=REASON_CHARACTERS_MAX,
        label="Why",
        widget=forms.Textarea({"rows": 2}),
        help_text="Stands beside the changed figures for good, with your name.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"op_key": f"page:{uuid4()}"})

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields that are always shown."""
        return self.visible_fields()

    @property
    def asked_of_wafers(self) -> list[forms.BoundField]:
        """The fields that are folded away, one for each wafer of the file."""
        return []


class MatchAnewForm(TakeBackForm):
    """Lot and step; empty: as file and match rules say now. wafers: as the file has them."""

    lot = forms.CharField(
        label="Lot", max_length=64, required=False, help_text="Empty: the lot that the file names."
    )
    step = forms.CharField(
        label="Step",
        max_length=32,
        required=False,
        help_text="Code of a step on its route. Empty: as the match rules say now.",
    )
    field_order = ("lot", "step", "reason")

    def __init__(self, data: Any = None, *, wafers: Sequence[str] = ()) -> None:
        super().__init__(data)
        self.wafers = {f"wafer_{place}": name for place, name in enumerate(wafers)}
        for key, name in self.wafers.items():
            self.fields[key] = forms.CharField(
                label=f"Wafer {name or 'without a name'} of the file is our",
                max_length=WAFER_CHARACTERS_MAX,
                required=False,
                help_text="Empty: the wafer of that name in the lot.",
            )

    @property
    def asked(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.wafers]

    @property
    def asked_of_wafers(self) -> list[forms.BoundField]:
        return [self[key] for key in self.wafers]

    @property
    def names_wafers(self) -> bool:
        """Whether an answer about a wafer was given."""
        return any(self[key].value() for key in self.wafers)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        code, step = cleaned.get("lot", ""), cleaned.get("step", "")
        lot = Lot.objects.exclude(state=LotState.WITHDRAWN).filter(code=code).first()
        if code and lot is None:
            self.add_error("lot", "There is no lot with this code.")
        if step and not code:
            self.add_error("lot", "Name the lot whose step that is.")
        cleaned["found_lot"], cleaned["found_step"] = lot, None
        if lot is not None and step:
            steps = {one.code: one for one in steps_of_lot(lot)}
            cleaned["found_step"] = steps.get(step)
            if cleaned["found_step"] is None:
                self.add_error("step", f"Not on the route of {lot}. Its steps: {', '.join(steps)}.")
        return cleaned

    def match(self) -> NewMatch:
        """As the services take it."""
        said = self.cleaned_data
        wafers = {name: said[key] for key, name in self.wafers.items() if said[key]}
        return NewMatch(said["found_lot"], said["found_step"], wafers)
