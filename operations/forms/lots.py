"""What each act on a lot asks."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from lots.domain.words import HoldClass, LotKind, Verb
from lots.models import Hold, Lot, Step, Supplier
from supplychain.base.choices import choices

PEOPLE = User.objects.filter(is_active=True, is_staff=True).order_by("username")


class LotActForm(forms.Form):
    """Shared: the key that makes a repeat harmless, the version looked at, and a comment."""

    op_key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    expected_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    comment = forms.CharField(
        max_length=10_000, required=False, widget=forms.Textarea({"rows": 2}), label="Comment"
    )

    def __init__(self, data: Any = None, *, lots: list[Lot]) -> None:
        version = lots[0].version if len(lots) == 1 else None
        initial = {"op_key": f"page:{uuid4()}", "expected_version": version}
        super().__init__(data, initial=initial)
        self.offer(lots[0])
        self.order_fields([name for name in self.fields if name != "comment"])

    def offer(self, lot: Lot) -> None:
        """Set up choices that depend on the lot."""


class MoveForm(LotActForm):
    to_step = forms.ModelChoiceField(Step.objects.none(), label="To step")
    reason = forms.CharField(
        max_length=64, required=False, help_text="Needed to move back.", label="Reason"
    )

    def offer(self, lot: Lot) -> None:
        steps = Step.objects.filter(route_version=lot.route_version_id).order_by("sequence")
        field: Any = self.fields["to_step"]
        field.queryset = steps.exclude(pk=lot.step_id)
        field.label_from_instance = lambda step: f"{step.code}, {step.name}"
        later = steps.filter(sequence__gt=lot.step.sequence).first()
        field.initial = later.pk if later else None


class HoldForm(LotActForm):
    hold_class = forms.ChoiceField(choices=choices(HoldClass), label="Who decides")
    hold_reason = forms.CharField(max_length=200, label="Reason")
    owner = forms.ModelChoiceField(PEOPLE, required=False, label="Owner", empty_label="Nobody")
    due_on = forms.DateField(
        required=False, widget=forms.DateInput({"type": "date"}), label="Decision due"
    )

    def clean_due_on(self) -> date | None:
        due_on: date | None = self.cleaned_data["due_on"]
        if due_on is not None and due_on < timezone.localdate():
            raise forms.ValidationError("This day is past. Choose today or a later day.")
        return due_on

    def clean_hold_class(self) -> HoldClass:
        return HoldClass(self.cleaned_data["hold_class"])


class ReleaseForm(LotActForm):
    hold = forms.ModelChoiceField(Hold.objects.none(), label="Hold", empty_label=None)
    disposition = forms.CharField(
        max_length=200,
        label="Disposition",
        help_text="Use as is, rework, retest, return … and why.",
    )

    def offer(self, lot: Lot) -> None:
        field: Any = self.fields["hold"]
        field.queryset = lot.holds.filter(released_at__isnull=True).order_by("id")
        field.label_from_instance = lambda hold: f"{hold.get_hold_class_display()}: {hold.reason}"


class PartOfLotForm(LotActForm):
    """Which part of the lot: how many, which wafers, or which serials; one of them."""

    quantity = forms.IntegerField(min_value=1, required=False, label="How many")
    wafers = forms.CharField(
        max_length=200, required=False, label="Or wafers", help_text='Such as "1-5, 7".'
    )
    serials = forms.CharField(
        max_length=40_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        label="Or serials",
        help_text="One a line.",
    )

    def offer(self, lot: Lot) -> None:
        if lot.kind != LotKind.WAFER or lot.unit_of_measure != "wafer":
            del self.fields["wafers"]
        if lot.units.exists():
            del self.fields["quantity"]
            self.fields["serials"].label = "Serials"
        else:
            del self.fields["serials"]


class SplitForm(PartOfLotForm):
    child_code = forms.CharField(max_length=64, label="Code of the new lot")
    field_order = ("child_code",)


class ScrapForm(PartOfLotForm):
    is_whole = forms.BooleanField(required=False, label="The whole lot")
    reason = forms.CharField(max_length=64, label="Reason")

    def offer(self, lot: Lot) -> None:
        super().offer(lot)
        self.whole_quantity = lot.quantity
        if "quantity" in self.fields:
            del self.fields["is_whole"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_whole"):
            cleaned["quantity"] = self.whole_quantity
        return cleaned


class ShipForm(LotActForm):
    to = forms.ModelChoiceField(Supplier.objects.order_by("code"), label="To")
    customer = forms.CharField(max_length=120, required=False, label="Customer")

    def offer(self, lot: Lot) -> None:
        field: Any = self.fields["to"]
        field.label_from_instance = lambda supplier: f"{supplier.code}, {supplier.name}"


FORMS: dict[Verb, type[LotActForm]] = {
    Verb.MOVE: MoveForm,
    Verb.HOLD: HoldForm,
    Verb.RELEASE: ReleaseForm,
    Verb.SPLIT: SplitForm,
    Verb.SCRAP: ScrapForm,
    Verb.SHIP: ShipForm,
}
