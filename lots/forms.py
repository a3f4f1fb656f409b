"""What a person fills in about lots in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget

from lots.domain.gates import WaiverOrder
from lots.domain.words import Gate, VersionState
from lots.models import RouteVersion, Step, Waiver
from lots.services.waiving import refuse_unaskable
from supplychain.base.errors import SupplychainError


class StepField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A step said with its route, as many routes have a step of the same code."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.route_version}: {obj.code}, {obj.name}"


class WaiverForm(forms.ModelForm):  # type: ignore[type-arg]
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


class VersionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A version said with its state."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.get_state_display().lower()})"


class CompareForm(forms.Form):
    """Which two versions of routes to lay side by side."""

    before = VersionField(RouteVersion.objects.select_related("route"), label="This version")
    after = VersionField(RouteVersion.objects.select_related("route"), label="With this one")
