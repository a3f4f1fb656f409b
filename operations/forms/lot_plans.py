"""What is asked for what has not happened yet, and for what did not happen as it was written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils import timezone

from lots.domain.rules import CORRECTABLE
from lots.domain.words import HoldClass, Trigger, Verb
from lots.models import Event, FutureAction, Genealogy, Lot, Step, Unit
from lots.selectors.plans import armed_actions
from operations.forms.hold_facts import PEOPLE, role_choice
from operations.forms.lot_form import LotActForm, PartOfLotForm, route_steps
from operations.services.acting.plans import hold_bin, plannable_by
from supplychain.base.choices import choices

EVENTS_OFFERED = 20
PARTS = {
    "quantity": "Only to split it off.",
    "wafers": "To split off, or to hold only these.",
    "serials": "To split off, or to hold only these.",
    "bins": "To split off, or one hard bin to hold.",
}
SHOWN = {
    "step": ("trigger", (Trigger.ARRIVES, Trigger.LEAVES)),
    "on_verb": ("trigger", (Trigger.EVENT,)),
    **dict.fromkeys(("hold_class", "due_on", "releasing_role"), ("future_verb", (Verb.HOLD,))),
    **dict.fromkeys(
        ("wafers", "serials", "bins", "bin_kind"), ("future_verb", (Verb.HOLD, Verb.SPLIT))
    ),
    "quantity": ("future_verb", (Verb.SPLIT,)),
}
"""Field → by whose choice a script shows it, and for which words."""
TRIGGERS = [
    (Trigger.ARRIVES, "When it arrives at the step"),
    (Trigger.LEAVES, "When it leaves the step"),
    (Trigger.EVENT, "When this happens to it"),
]


class PlanForm(PartOfLotForm):
    trigger = forms.ChoiceField(choices=TRIGGERS, label="When")
    step = forms.ModelChoiceField(Step.objects.none(), required=False, label="Step")
    on_verb = forms.ChoiceField(
        choices=[("", "---------"), *choices(Verb)], required=False, label="What happens to it"
    )
    future_verb = forms.ChoiceField(label="Then")
    reason = forms.CharField(max_length=200, label="Reason")
    hold_class = forms.ChoiceField(choices=choices(HoldClass), label="Who decides, for a hold")
    owner = forms.ModelChoiceField(PEOPLE, required=False, label="Owner", empty_label="Nobody")
    due_on = forms.DateField(
        required=False,
        widget=forms.DateInput({"type": "date"}),
        label="Decision due, for a hold",
    )
    releasing_role = role_choice("Released by, for a hold")
    field_order = (
        "trigger",
        "step",
        "on_verb",
        "future_verb",
        "reason",
        "hold_class",
        "owner",
        "due_on",
        "releasing_role",
    )

    def offer(self, lot: Lot) -> None:
        super().offer(lot)
        verbs: Any = self.fields["future_verb"]
        verbs.choices = [(verb, verb.value.capitalize()) for verb in plannable_by(self.actor)]
        self.offer_coming(lot)
        for name, said in PARTS.items():
            if name in self.fields:
                self.fields[name].help_text = said
        for name in ("wafers", "serials", "bins"):
            if name in self.fields:
                self.fields[name].label = name.capitalize()
        for name, (by, words) in SHOWN.items():
            if name in self.fields:
                shown = {"data-shown-by": by, "data-shown-for": " ".join(words)}
                self.fields[name].widget.attrs.update(shown)

    def offer_coming(self, lot: Lot) -> None:
        """The step the lot is at and those to come, the next one first; read once."""
        steps = route_steps(lot).filter(sequence__gte=lot.step.sequence)
        known = list(steps)
        later = [step for step in known if step.sequence > lot.step.sequence]
        self.offer_steps("step", steps, later[0] if later else None)
        named = [(step.pk, f"{step.code}, {step.name}") for step in known]
        self.fields["step"].choices = [("", "---------"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_event = cleaned.get("trigger") == Trigger.EVENT
        name = "on_verb" if is_event else "step"
        if name not in self.errors and not cleaned.get(name):
            self.add_error(name, "Say which.")
        named = [part for part in PARTS if cleaned.get(part)]
        if not self.errors and (fault := _part_fault(cleaned, named)):
            raise forms.ValidationError(fault)
        return cleaned


def _part_fault(cleaned: dict[str, Any], named: list[str]) -> str:
    """Why this part cannot be planned for; "" when it can."""
    if cleaned.get("future_verb") == Verb.SPLIT:
        return "" if len(named) == 1 else "Say what to split off, in one way."
    if cleaned.get("future_verb") != Verb.HOLD:
        return "Only a split or a hold takes a part." if named else ""
    if named and (len(named) > 1 or named == ["quantity"]):
        return "Say which wafers, serials or bin to hold, in one way, or nothing for the lot."
    bins = cleaned.get("bins")
    if bins and hold_bin(bins) is None:
        return "A hold stops one hard bin. Plan one hold for each."
    return ""


class UnplanForm(LotActForm):
    action = forms.ModelChoiceField(
        FutureAction.objects.none(), label="Planned action", empty_label=None
    )

    def offer(self, lot: Lot) -> None:
        field: Any = self.fields["action"]
        armed = armed_actions().filter(lot=lot)
        field.queryset = armed.select_related(
            "lot__route_version__route", "product", "step"
        ).order_by("id")
        field.label_from_instance = _action_words


def _action_words(action: Any) -> str:
    orphaned = f" (orphaned: {action.lot.route_version} has no such step)"
    return f"{action}: {action.reason}{orphaned if action.is_orphaned else ''}"


class CorrectForm(LotActForm):
    """The newest events, and the one that the address asks for, however old."""

    event = forms.ModelChoiceField(
        Event.objects.none(), label="What did not happen so", empty_label=None
    )
    reason = forms.CharField(max_length=64, label="Reason")

    def offer(self, lot: Lot) -> None:
        open_to_it = Event.objects.filter(lot=lot, corrections=None, verb__in=CORRECTABLE)
        newest = open_to_it.order_by("-seq").values("pk")[:EVENTS_OFFERED]
        asked = uuid_of(self.data.get("event") or self.initial.get("event"))
        field: Any = self.fields["event"]
        field.queryset = open_to_it.filter(Q(pk__in=newest) | Q(pk=asked)).order_by("-seq")
        field.label_from_instance = _event_words


def uuid_of(word: object) -> UUID | None:
    """The id that an address or a form names; None for anything else."""
    try:
        return UUID(str(word))
    except ValueError:
        return None


def _event_words(event: Event) -> str:
    local = timezone.localtime(event.occurred_at)
    return f"{event.get_verb_display()}, {local:%d %b %Y %H:%M %Z}, seq {event.seq}"


class SwapForm(LotActForm):
    """The parent unit is known before the form is asked; its lot's version does not matter."""

    parent = forms.ModelChoiceField(
        Unit.objects.all(), to_field_name="serial", widget=forms.HiddenInput
    )
    position = forms.ChoiceField(label="Part to take out")
    new_serial = forms.CharField(max_length=80, label="Serial of the part to put in")
    returned_lot_code = forms.CharField(
        max_length=64,
        label="Lot for the part taken out",
        help_text="A new code, or a lot of returned parts at hand.",
    )
    reason = forms.CharField(max_length=64, required=False, label="Reason")

    def offer(self, lot: Lot) -> None:
        del self.fields["expected_version"]
        serial = self.data.get("parent") or self.initial.get("parent", "")
        edges = Genealogy.objects.filter(parent__serial=serial, valid_to__isnull=True)
        rows = edges.select_related("child__product").order_by("position")
        field: Any = self.fields["position"]
        field.choices = [
            (edge.position, f"{edge.position}: {edge.child.serial}, {edge.child.product}")
            for edge in rows
        ]
