"""What a person fills in about lots in the admin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from unfold.widgets import UnfoldAdminSelectWidget

from lots.domain.gates import WaiverOrder
from lots.domain.words import Gate, VersionState
from lots.models import QueueLimit, RouteVersion, Step, Waiver
from lots.services.waiving import refuse_unaskable
from supplychain.base.errors import SupplychainError


class StepField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A step said with its route, as many routes have a step of the same code."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.route_version}: {obj.code}, {obj.name}"


class WordedForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the database would not take is said beside its field, with what to do instead.

    constraint_words: name of the constraint → field, words.
    """

    constraint_words: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def _update_errors(self, errors: forms.ValidationError) -> None:
        """Once a field: what a service said beside it already is enough."""
        said = self._said_by_message()
        found = dict(errors.error_dict)
        others = []
        for error in found.pop(NON_FIELD_ERRORS, []):
            field, words = said.get(str(error.message), ("", ""))
            if not field:
                others.append(error)
            elif field not in self.errors:
                self.add_error(field, words)
        if others:
            found[NON_FIELD_ERRORS] = others
        super()._update_errors(forms.ValidationError(found))  # type: ignore[misc]

    def _said_by_message(self) -> dict[str, tuple[str, str]]:
        """Django's sentence for a constraint → field, our words."""
        return {
            str(constraint.get_violation_error_message()): self.constraint_words[constraint.name]
            for constraint in self._meta.model._meta.constraints
            if constraint.name in self.constraint_words
        }


class WaiverForm(WordedForm):
    """A request for a waiver; what the service would refuse is said beside its field."""

    step = StepField(
        Step.objects.select_related("route_version__route")
        .exclude(route_version__state=VersionState.DRAFT)
        .order_by("route_version__route__code", "-route_version__version", "sequence"),
        widget=UnfoldAdminSelectWidget,
        help_text="The step whose gate it lifts.",
    )

    class Meta:
        model = Waiver
        fields = ("gate", "step", "lot", "product", "reason", "quantity", "valid_from", "valid_to")
        help_texts = {
            "lot": "For this lot and what is split off it. Leave empty for a whole product.",
            "product": "For every lot of the product. Leave empty for one lot.",
            "quantity": "How many units may pass, all lots together.",
        }

    constraint_words: ClassVar[Mapping[str, tuple[str, str]]] = {
        "lots_waiver_quantity": ("quantity", "Let at least one unit pass."),
        "lots_waiver_interval": ("valid_to", "Choose an end after the beginning."),
        "lots_waiver_lot_or_product": ("lot", "Name a lot or a product, not both."),
    }
    order: WaiverOrder

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.order = _order(said)
                refuse_unaskable(
                    order=self.order, step=said["step"], lot=said["lot"], product=said["product"]
                )
            except SupplychainError as error:
                field = str(error.fields.get("field", "step"))
                self.add_error(field, error.detail)
        return said


def _order(said: dict[str, Any]) -> WaiverOrder:
    return WaiverOrder(
        gate=Gate(said["gate"]),
        reason=said["reason"],
        quantity=said["quantity"],
        valid_from=said["valid_from"],
        valid_to=said["valid_to"],
    )


class QueueLimitForm(WordedForm):
    """The longest time between two steps of a route version."""

    class Meta:
        model = QueueLimit
        fields = ("from_step", "to_step", "hours_max")

    constraint_words: ClassVar[Mapping[str, tuple[str, str]]] = {
        "lots_queuelimit_hours": ("hours_max", "Give more than 0 hours, or remove the limit."),
    }


class VersionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A version said with its state."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.get_state_display().lower()})"


class CompareForm(forms.Form):
    """Which two versions of routes to lay side by side."""

    before = VersionField(RouteVersion.objects.select_related("route"), label="This version")
    after = VersionField(RouteVersion.objects.select_related("route"), label="With this one")
