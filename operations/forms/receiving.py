from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from lots.domain.serials import serial_list
from lots.domain.words import LotKind, LotPurpose, UnitOfMeasure, VersionState
from lots.models import Product, Step, Supplier
from operations.domain.ranges import named_wafers
from operations.forms.lot_form import HOW_TO_LIST, read
from supplychain.base.choices import choices


class ReceiveForm(forms.Form):
    """A lot that is new here, with the names of what is in it."""

    op_key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    code = forms.CharField(max_length=64, label="Lot code")
    kind = forms.ChoiceField(choices=choices(LotKind), label="Kind of lot")
    product = forms.ModelChoiceField(Product.objects.order_by("code"), label="Product")
    step = forms.ModelChoiceField(
        Step.objects.filter(
            route_version__state=VersionState.RELEASED, route_version__is_rework=False
        )
        .select_related("route_version__route")
        .order_by("route_version__route__code", "-route_version__version", "sequence"),
        label="On route, at step",
    )
    custodian = forms.ModelChoiceField(Supplier.objects.order_by("code"), label="Who has it")
    unit_of_measure = forms.ChoiceField(choices=choices(UnitOfMeasure), label="Counted in")
    quantity = forms.IntegerField(
        min_value=0, required=False, label="How many", help_text="Empty: as many as are named."
    )
    wafers = forms.CharField(
        max_length=200, required=False, label="Wafers", help_text='Numbers, such as "1-25".'
    )
    serials = forms.CharField(
        max_length=1_000_000,
        required=False,
        widget=forms.Textarea({"rows": 4, "data-scan-list": ""}),
        label="Serials",
        help_text=HOW_TO_LIST,
    )
    purpose = forms.ChoiceField(choices=choices(LotPurpose), label="Purpose")
    due_on = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}), label="Due")
    customer = forms.CharField(max_length=120, required=False, label="Customer")
    is_hot = forms.BooleanField(required=False, label="Hot lot")
    comment = forms.CharField(
        max_length=10_000, required=False, widget=forms.Textarea({"rows": 2}), label="Comment"
    )
    fields_template = "operations/_fields.html"

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"op_key": f"page:{uuid4()}"})
        field: Any = self.fields["step"]
        field.label_from_instance = lambda step: f"{step.route_version}: {step.code}, {step.name}"

    def clean_wafers(self) -> tuple[int, ...]:
        return read(named_wafers, self.cleaned_data["wafers"])  # type: ignore[no-any-return]

    def clean_serials(self) -> tuple[str, ...]:
        return read(serial_list, self.cleaned_data["serials"])  # type: ignore[no-any-return]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("quantity") is None and "quantity" not in self.errors:
            named = len(cleaned.get("wafers", ())) or len(cleaned.get("serials", ()))
            if not named and not self.errors:
                self.add_error("quantity", "Say how many, or name them.")
            cleaned["quantity"] = named
        return cleaned
