"""What the forms of all acts on lots share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet

from lots.domain.bins import named_bins
from lots.domain.serials import serial_list
from lots.domain.words import BinKind, LotKind, UnitOfMeasure, Verb
from lots.models import Lot, ReasonCode, Step
from operations.domain.ranges import named_wafers
from supplychain.base.choices import choices
from supplychain.base.errors import MalformedError

WAFER_PARTS = {UnitOfMeasure.WAFER, UnitOfMeasure.DIE}
HOW_TO_LIST = "One a line, or with blanks between them; M1-008..M1-011 names four."


class LotActForm(forms.Form):
    """Shared: the key that makes a repeat harmless, the version looked at, and a comment.

    asked: first answers, from the address.
    """

    fields_template = "operations/_fields.html"

    op_key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    expected_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    comment = forms.CharField(
        max_length=10_000, required=False, widget=forms.Textarea({"rows": 2}), label="Comment"
    )

    def __init__(
        self,
        data: Any = None,
        *,
        lots: list[Lot],
        actor: User,
        asked: Mapping[str, str] | None = None,
    ) -> None:
        version = lots[0].version if len(lots) == 1 else None
        known = {name: value for name, value in (asked or {}).items() if name != "op_key"}
        initial = {**known, "op_key": f"page:{uuid4()}", "expected_version": version}
        super().__init__(data, initial=initial)
        self.lot, self.actor = lots[0], actor
        self.offer(lots[0])
        self.order_fields([name for name in self.fields if name != "comment"])

    def offer(self, lot: Lot) -> None:
        """Set up choices that depend on the lot."""

    def offer_steps(self, name: str, steps: QuerySet[Step], first: Step | int | None) -> None:
        """Steps by code and name; first: chosen before anyone chooses."""
        field: Any = self.fields[name]
        field.queryset = steps
        field.label_from_instance = lambda step: f"{step.code}, {step.name}"
        field.initial = first.pk if isinstance(first, Step) else first

    def offer_reasons(self, name: str, verb: Verb) -> None:
        """The reason codes of a verb that takes no other."""
        field: Any = self.fields[name]
        field.choices = [("", "---------"), *reasons_of(verb)]


def reasons_of(verb: Verb) -> Sequence[tuple[str, str]]:
    """Active reasons of the verb: code and name."""
    rows = ReasonCode.objects.filter(verb=verb, is_active=True).order_by("name")
    return list(rows.values_list("code", "name"))


def route_steps(lot: Lot) -> QuerySet[Step]:
    """The steps of the lot's route, in order."""
    return Step.objects.filter(route_version=lot.route_version_id).order_by("sequence")


def next_step(lot: Lot) -> Step | None:
    """The step after the lot's own; None at the end and on a free route."""
    if lot.route_version.is_free:
        return None
    return route_steps(lot).filter(sequence__gt=lot.step.sequence).first()


def names_wafers(lot: Lot) -> bool:
    """Whether parts of the lot may be said by wafer numbers; those of diced wafers are dies."""
    return lot.kind == LotKind.WAFER and lot.unit_of_measure in WAFER_PARTS


def counts_wafers(lot: Lot) -> bool:
    """Whether the lot is counted in wafers, so that wafers are what it loses."""
    return names_wafers(lot) and lot.unit_of_measure == UnitOfMeasure.WAFER


class PartOfLotForm(LotActForm):
    """Which part of the lot: how many, which wafers, serials or bins; one of them."""

    quantity = forms.IntegerField(min_value=1, required=False, label="How many")
    wafers = forms.CharField(
        max_length=200, required=False, label="Or wafers", help_text='Such as "1-5, 7".'
    )
    serials = forms.CharField(
        max_length=40_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        label="Or serials",
        help_text=HOW_TO_LIST,
    )

    bins = forms.CharField(
        max_length=200,
        required=False,
        label="Or bins",
        help_text='Such as "3, 5-7": units by their result where the lot was tested last.',
    )
    bin_kind = forms.ChoiceField(choices=choices(BinKind), required=False, label="Whose bins")

    def offer(self, lot: Lot) -> None:
        if not names_wafers(lot):
            del self.fields["wafers"]
        if self.has_units(lot):
            del self.fields["quantity"]
            self.fields["serials"].label = "Serials"
        else:
            del self.fields["serials"], self.fields["bins"], self.fields["bin_kind"]

    def has_units(self, lot: Lot) -> bool:
        """Whether anything of the lot has a serial."""
        return lot.units.exists()

    def clean_wafers(self) -> tuple[int, ...]:
        return read(named_wafers, self.cleaned_data["wafers"])  # type: ignore[no-any-return]

    def clean_bin_kind(self) -> BinKind:
        return BinKind(self.cleaned_data["bin_kind"] or BinKind.HARD)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "bins" in cleaned:
            kind = cleaned.get("bin_kind", BinKind.HARD)
            try:
                cleaned["bins"] = named_bins(cleaned["bins"], kind)
            except MalformedError as error:
                self.add_error("bins", error.detail)
        return cleaned

    def clean_serials(self) -> tuple[str, ...]:
        return read(serial_list, self.cleaned_data["serials"])  # type: ignore[no-any-return]


def read(reader: Any, text: str) -> Any:
    """What the text says, or its fault beside the field."""
    try:
        return reader(text)
    except MalformedError as error:
        raise forms.ValidationError(error.detail) from error
