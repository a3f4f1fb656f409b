"""What a recall asks: from what it starts, and what is done with its items."""

from __future__ import annotations

from typing import Any

from django import forms

from lots.domain.serials import serial_list
from operations.domain.recall_questions import Question, question_of
from operations.domain.recall_zones import ZONE_WORDS
from operations.domain.recalls import PLACE_WORDS
from operations.domain.words import Origin, Place
from operations.forms.lot_form import HOW_TO_LIST
from supplychain.base.errors import MalformedError

NAMES_CHARACTERS_MAX = 900_000
TIME = {"type": "datetime-local", "step": "1"}


def names_field(label: str, rows: int = 3) -> forms.CharField:
    """Names one a line, or with spaces or commas between them."""
    return forms.CharField(
        max_length=NAMES_CHARACTERS_MAX,
        label=label,
        widget=forms.Textarea({"rows": rows}),
        help_text=HOW_TO_LIST,
    )


class RecallForm(forms.Form):
    """Shared: why the material is suspect. origin: what the rest of the fields name."""

    origin: Origin

    title = forms.CharField(max_length=200, label="Title", required=False)
    reason = forms.CharField(
        max_length=10_000, label="Reason", required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, is_opening: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "reason"):
            self.fields[name].required = is_opening
            self.fields[name].help_text = "" if is_opening else "Needed to open the case."
        self.order_fields([name for name in self.fields if name not in {"title", "reason"}])

    def clean(self) -> dict[str, Any]:
        """With the question under `question`, once every field is right."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                cleaned["question"] = self.question(cleaned)
            except MalformedError as error:
                raise forms.ValidationError(error.detail) from error
        return cleaned

    def question(self, cleaned: dict[str, Any]) -> Question:
        """What the fields ask."""
        values = {**cleaned, "origin": self.origin}
        values["names"] = serial_list(cleaned.get("names", ""))
        return question_of(values)


class LotsForm(RecallForm):
    origin = Origin.LOT
    names = names_field("Lots")


class WafersForm(RecallForm):
    origin = Origin.WAFER
    names = names_field("Wafers")


class ZoneForm(RecallForm):
    origin = Origin.ZONE
    names = names_field("Wafers")
    zone = forms.ChoiceField(
        choices=[(zone.value, words) for zone, words in ZONE_WORDS.items()], label="Zone"
    )


class TesterForm(RecallForm):
    origin = Origin.TESTER
    equipment = forms.CharField(max_length=120, label="Tester")
    since = forms.DateTimeField(widget=forms.DateTimeInput(TIME), label="From, UTC")
    until = forms.DateTimeField(widget=forms.DateTimeInput(TIME), label="To, UTC")


class OvenForm(RecallForm):
    origin = Origin.OVEN
    load = forms.IntegerField(
        min_value=1, max_value=2**31 - 1, label="Burn-in run", help_text="The number of its page."
    )
    board = forms.CharField(max_length=120, required=False, label="Board")
    socket = forms.CharField(max_length=16, required=False, label="Socket")


class SerialsForm(RecallForm):
    origin = Origin.SERIALS
    names = names_field("Serials", rows=8)


class DeclaredForm(RecallForm):
    origin = Origin.DECLARED
    names = names_field("Lots or wafers, by the codes their vendor declared")


RECALL_FORMS: dict[Origin, type[RecallForm]] = {
    form.origin: form
    for form in (LotsForm, WafersForm, ZoneForm, TesterForm, OvenForm, SerialsForm, DeclaredForm)
}


class ItemsForm(forms.Form):
    """Which items of a case are shown."""

    place = forms.ChoiceField(
        choices=[
            ("", "Any"),
            *(
                (place.value, word)
                for place, word in PLACE_WORDS.items()
                if place != Place.SCRAPPED
            ),
        ],
        required=False,
        label="Where",
    )
    rack = forms.CharField(max_length=80, required=False, label="Rack")
    state = forms.ChoiceField(
        choices=[("open", "Exposed"), ("settled", "Settled"), ("all", "All")],
        required=False,
        label="State",
    )
    q = forms.CharField(max_length=80, required=False, label="Start of serial or lot")


class SettleForm(forms.Form):
    """Why picked items are exposed no more. scope: those ticked, or all that fit the filter."""

    scope = forms.ChoiceField(
        choices=[("picked", "The ticked ones"), ("all", "All that are shown")]
    )
    reason = forms.CharField(max_length=200, label="Reason")


class ConclusionForm(forms.Form):
    """What ends a case."""

    conclusion = forms.CharField(
        max_length=10_000, label="Conclusion", widget=forms.Textarea({"rows": 3})
    )
