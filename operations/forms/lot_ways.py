"""What is asked where a lot goes on, waits, leaves, or comes back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from lots.domain.commands import Selection
from lots.domain.orders import Loss
from lots.domain.serials import serial_list
from lots.domain.words import LineKind, StepKind, Title, Verb, VersionState
from lots.models import Lot, Step, Supplier
from operations.domain.ranges import named_wafers
from operations.forms.lot_form import (
    LotActForm,
    counts_wafers,
    next_step,
    read,
    reasons_of,
    route_steps,
)
from operations.selectors.shipments import last_destination
from supplychain.base.choices import choices

LOSS_ROWS = 3


class MoveForm(LotActForm):
    to_step = forms.ModelChoiceField(Step.objects.none(), label="To step")
    reason = forms.CharField(
        max_length=64, required=False, help_text="Needed to move back.", label="Reason"
    )

    def offer(self, lot: Lot) -> None:
        later = route_steps(lot).filter(sequence__gt=lot.step.sequence).first()
        self.offer_steps("to_step", route_steps(lot).exclude(pk=lot.step_id), later)


class TrackInForm(LotActForm):
    equipment = forms.CharField(
        max_length=64, required=False, label="Equipment", help_text="Where it is worked on."
    )


class TrackOutForm(LotActForm):
    """The good rest goes on; what did not come out good is named with its reason."""

    fields_template = "operations/_fields_track_out.html"

    to_step = forms.ModelChoiceField(
        Step.objects.none(), required=False, label="On to", empty_label="Stays at its last step"
    )
    good = forms.IntegerField(
        min_value=0, required=False, label="Good, as counted",
        help_text="Checked against what is not good; empty = the rest.",
    )  # fmt: skip
    bonus = forms.IntegerField(min_value=0, required=False, label="Found extra")
    bonus_reason = forms.ChoiceField(required=False, label="Why extra")

    def offer(self, lot: Lot) -> None:
        self.offer_steps("to_step", route_steps(lot).exclude(pk=lot.step_id), next_step(lot))
        self.is_named = lot.units.filter(kind=lot.unit_of_measure).exists()
        if self.is_named or counts_wafers(lot):
            del self.fields["bonus"], self.fields["bonus_reason"]
        else:
            self.offer_reasons("bonus_reason", Verb.BONUS)
        groups = [
            (title, [(f"{kind}:{code}", name) for code, name in reasons_of(verb)])
            for title, kind, verb in (
                ("Scrap, given up", LineKind.SCRAP, Verb.SCRAP),
                ("Loss, becomes reject", LineKind.LOSS, Verb.LOSS),
            )
        ]
        for row in range(1, LOSS_ROWS + 1):
            self.fields[f"what_{row}"] = forms.CharField(
                max_length=4000, required=False, label=self._what()
            )
            self.fields[f"reason_{row}"] = forms.ChoiceField(
                choices=[("", "---------"), *groups], required=False, label="Reason"
            )

    def _what(self) -> str:
        if counts_wafers(self.lot):
            return "Wafers not good"
        return "Serials not good" if self.is_named else "How many not good"

    @property
    def loss_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """What and why, side by side."""
        return [(self[f"what_{row}"], self[f"reason_{row}"]) for row in range(1, LOSS_ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        losses = [self._loss(row, cleaned) for row in range(1, LOSS_ROWS + 1)]
        cleaned["losses"] = tuple(loss for loss in losses if loss is not None)
        bonus = cleaned.get("bonus") or 0
        if bonus and not cleaned.get("bonus_reason"):
            self.add_error("bonus_reason", "Say why there are more.")
        lost = sum(_size(loss.selection) for loss in cleaned["losses"])
        rest = self.lot.quantity - lost + bonus
        if cleaned.get("good") not in {None, rest} and not self.errors:
            self.add_error(
                "good", f"{self.lot.quantity} here, {lost} lost, {bonus} extra make {rest} good."
            )
        return cleaned

    def _loss(self, row: int, cleaned: dict[str, Any]) -> Loss | None:
        what, reason = cleaned.get(f"what_{row}", ""), cleaned.get(f"reason_{row}", "")
        if not what and not reason:
            return None
        if not what or not reason:
            missing = f"reason_{row}" if what else f"what_{row}"
            self.add_error(missing, "Say both: what is not good, and why.")
            return None
        try:
            selection = self._selection(what)
        except forms.ValidationError as error:
            self.add_error(f"what_{row}", error)
            return None
        kind, code = reason.split(":", 1)
        return Loss(code, selection, LineKind(kind))

    def _selection(self, what: str) -> Selection:
        if counts_wafers(self.lot):
            return Selection(wafers=read(named_wafers, what))
        if self.is_named:
            return read(lambda text: Selection(serials=serial_list(text)), what)  # type: ignore[no-any-return]
        if not (what.isascii() and what.isdigit() and 0 < int(what[:9]) <= self.lot.quantity):
            raise forms.ValidationError(f"A whole number from 1 to {self.lot.quantity}.")
        return Selection(quantity=int(what))


def _size(selection: Selection) -> int:
    return selection.quantity or len(selection.wafers) + len(selection.serials)


class ShipForm(LotActForm):
    to = forms.ModelChoiceField(Supplier.objects.order_by("code"), label="To")
    customer = forms.CharField(max_length=120, required=False, label="Customer")
    title = forms.ChoiceField(
        choices=[("", "As agreed with its supplier"), *choices(Title)],
        required=False,
        label="Title passes",
        help_text="Matters only while the supplier owns it.",
    )

    def offer(self, lot: Lot) -> None:
        field: Any = self.fields["to"]
        field.label_from_instance = lambda supplier: f"{supplier.code}, {supplier.name}"


class ArriveForm(LotActForm):
    to_step = forms.ModelChoiceField(Step.objects.none(), label="Arrives at step")
    custodian = forms.ModelChoiceField(Supplier.objects.order_by("code"), label="Who has it now")
    counted_quantity = forms.IntegerField(min_value=0, label="Counted")

    def offer(self, lot: Lot) -> None:
        later = route_steps(lot).filter(sequence__gt=lot.step.sequence)
        first = later.filter(kind=StepKind.RECEIVE).first() or later.first() or lot.step
        self.offer_steps("to_step", route_steps(lot), first)
        self.fields["custodian"].initial = last_destination(lot) or first.supplier_id
        self.fields["counted_quantity"].initial = lot.quantity


class BankForm(LotActForm):
    reason = forms.CharField(max_length=64, required=False, label="Reason")


def _released_elsewhere(lot: Lot, *, is_rework: bool) -> QuerySet[Step]:
    """Steps of other released route versions."""
    return (
        Step.objects.filter(
            route_version__state=VersionState.RELEASED, route_version__is_rework=is_rework
        )
        .exclude(route_version=lot.route_version_id)
        .select_related("route_version__route")
        .order_by("route_version__route__code", "-route_version__version", "sequence")
    )


class ElsewhereForm(LotActForm):
    """A step of another route, shown with its route."""

    is_rework = False
    at_step = forms.ModelChoiceField(Step.objects.none(), label="To route and step")

    def offer(self, lot: Lot) -> None:
        field: Any = self.fields["at_step"]
        steps = _released_elsewhere(lot, is_rework=self.is_rework)
        field.queryset = steps
        field.label_from_instance = lambda step: f"{step.route_version}: {step.code}, {step.name}"
        same = steps.filter(code=lot.step.code, route_version__route=lot.route_version.route_id)
        first = same.first() or (steps.first() if self.is_rework else None)
        field.initial = first.pk if first else None


class RerouteForm(ElsewhereForm):
    """To another route, or another version of its own."""

    reason = forms.CharField(max_length=64, label="Reason")


class ReworkOutForm(ElsewhereForm):
    is_rework = True
    return_step = forms.ModelChoiceField(Step.objects.none(), label="Comes back at")
    reason = forms.ChoiceField(label="Reason")
    field_order = ("at_step", "return_step")

    def offer(self, lot: Lot) -> None:
        super().offer(lot)
        self.offer_steps("return_step", route_steps(lot), lot.step_id)
        self.offer_reasons("reason", Verb.REWORK_OUT)


class ReworkInForm(LotActForm):
    to_step = forms.ModelChoiceField(Step.objects.none(), label="Comes back at")

    def offer(self, lot: Lot) -> None:
        back = lot.rework_return_step
        own = Step.objects.filter(route_version=back.route_version_id if back else None)
        self.offer_steps("to_step", own.order_by("sequence"), back)
