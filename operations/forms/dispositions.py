"""What is asked where material is decided on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from lots.domain.serials import serial_list
from lots.domain.words import LotKind, StepKind, Verb, VersionState
from lots.models import Lot, Step, Supplier
from operations.domain.ranges import named_wafers
from operations.forms.lot_form import HOW_TO_LIST, names_wafers, read, reasons_of, route_steps
from quality.domain.dispositions import DispositionOrder
from quality.domain.words import DispositionKind

WAFERS_TESTED_AT = (StepKind.WAT, StepKind.SORT)
UNITS_TESTED_AT = (
    StepKind.FINAL_TEST, StepKind.BURN_IN, StepKind.SYSTEM_TEST, StepKind.SOAK,
)  # fmt: skip


class KeyForm(forms.Form):
    """The key that makes a second click harmless."""

    op_key = forms.CharField(max_length=60, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"op_key": f"page:{uuid4()}"})


class StepNoteForm(KeyForm):
    words = forms.CharField(
        label="Note", max_length=10_000, required=False, widget=forms.Textarea({"rows": 2})
    )


class StepReasonForm(KeyForm):
    words = forms.CharField(label="Reason", max_length=10_000, widget=forms.Textarea({"rows": 3}))


class ProposalForm(KeyForm):
    """The reason, and what the kind names beside the material."""

    reason = forms.CharField(label="Reason", max_length=10_000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, data: Any = None, *, kind: DispositionKind, lot: Lot) -> None:
        super().__init__(data)
        self.kind, self.lot = kind, lot
        self.offer(lot)
        self.order_fields([name for name in self.fields if name != "reason"])

    def offer(self, lot: Lot) -> None:
        """Set up choices that depend on the lot."""

    def wish(self) -> DispositionOrder:
        """What the answers propose."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "op_key"}
        return DispositionOrder(kind=self.kind, lot=self.lot.code, **self.told(said))

    def told(self, said: dict[str, Any]) -> dict[str, Any]:
        """The answers by the names that orders have."""
        return said


class PartForm(ProposalForm):
    """All of the lot, or wafers or units of it."""

    wafers = forms.CharField(
        max_length=200,
        required=False,
        label="Only wafers",
        help_text='Such as "1-5, 7". Empty: all that the lot has.',
    )
    serials = forms.CharField(
        max_length=40_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        label="Only serials",
        help_text=f"{HOW_TO_LIST} Empty: all that the lot has.",
    )

    def offer(self, lot: Lot) -> None:
        if not names_wafers(lot):
            del self.fields["wafers"]
        if not lot.units.exists():
            del self.fields["serials"]

    def clean_wafers(self) -> tuple[int, ...]:
        return read(named_wafers, self.cleaned_data["wafers"])  # type: ignore[no-any-return]

    def clean_serials(self) -> tuple[str, ...]:
        return read(serial_list, self.cleaned_data["serials"])  # type: ignore[no-any-return]


class RetestForm(ProposalForm):
    step = forms.ModelChoiceField(
        Step.objects.none(),
        label="Tested again at",
        help_text="It is held again for the issue when it leaves this step.",
    )

    def offer(self, lot: Lot) -> None:
        field: Any = self.fields["step"]
        kinds = WAFERS_TESTED_AT if lot.kind == LotKind.WAFER else UNITS_TESTED_AT
        field.queryset = route_steps(lot).filter(sequence__lte=lot.step.sequence, kind__in=kinds)
        steps = list(field.queryset)
        field.choices = [(step.pk, f"{step.code}, {step.name}") for step in steps]
        if steps:
            field.initial = steps[-1].pk
        else:
            field.help_text = "This lot has no test behind it yet. Choose another decision."

    def told(self, said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "step": said["step"].code}


class ReworkForm(ProposalForm):
    at_step = forms.ModelChoiceField(Step.objects.none(), label="To route and step")
    return_step = forms.ModelChoiceField(Step.objects.none(), label="Comes back at")
    reason_code = forms.ChoiceField(label="Reason code")

    def offer(self, lot: Lot) -> None:
        steps = Step.objects.filter(
            route_version__state=VersionState.RELEASED, route_version__is_rework=True
        ).select_related("route_version__route")
        to: Any = self.fields["at_step"]
        to.queryset = steps.order_by(
            "route_version__route__code", "-route_version__version", "sequence"
        )
        to.label_from_instance = lambda step: f"{step.route_version}: {step.code}, {step.name}"
        back: Any = self.fields["return_step"]
        back.queryset = route_steps(lot).filter(sequence__lte=lot.step.sequence)
        back.label_from_instance = lambda step: f"{step.code}, {step.name}"
        back.initial = lot.step_id
        reasons: Any = self.fields["reason_code"]
        reasons.choices = [("", "---------"), *reasons_of(Verb.REWORK_OUT)]

    def told(self, said: dict[str, Any]) -> dict[str, Any]:
        step = said.pop("at_step")
        return {
            **said,
            "route": step.route_version.route.code,
            "step": step.code,
            "return_step": said["return_step"].code,
        }


class ReturnForm(ProposalForm):
    to = forms.ModelChoiceField(Supplier.objects.none(), label="Back to")

    def offer(self, lot: Lot) -> None:
        field: Any = self.fields["to"]
        field.queryset = Supplier.objects.exclude(pk=lot.custodian_id).order_by("code")
        field.label_from_instance = lambda supplier: f"{supplier.code}, {supplier.name}"

    def told(self, said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "to": said["to"].code}


PROPOSAL_FORMS: dict[DispositionKind, type[ProposalForm]] = {
    DispositionKind.USE_AS_IS: PartForm,
    DispositionKind.SCRAP: PartForm,
    DispositionKind.RETEST: RetestForm,
    DispositionKind.REWORK: ReworkForm,
    DispositionKind.RETURN: ReturnForm,
}
STEP_FORMS = {"none": KeyForm, "note": StepNoteForm, "reason": StepReasonForm}
