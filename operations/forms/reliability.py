from __future__ import annotations

from typing import Any

from django import forms

from lots.models import Product
from quality.domain.burn_in_plans import Assumed
from quality.selectors.lives import burnt_in_products

CONFIDENCES = [("0.6", "60 %"), ("0.9", "90 %"), ("0.95", "95 %")]
USUAL = {
    "use_celsius": 85.0, "stress_celsius": 125.0, "activation_ev": 0.7, "gamma": 0.0,
    "use_volt": 0.0, "stress_volt": 0.0, "confidence": "0.6", "early_hours": 8760.0,
    "ppm_max": 1000.0,
}  # fmt: skip
"""What is assumed until somebody says otherwise."""


class ReliabilityForm(forms.Form):
    """Whose burn-in, and how use compares with it. Temperatures are of the junction."""

    product = forms.ModelChoiceField(
        Product.objects.none(), label="Product", to_field_name="code", empty_label=None
    )
    step = forms.CharField(max_length=32, required=False, label="Step, as BI")
    use_celsius = forms.FloatField(label="Junction in use, °C")
    stress_celsius = forms.FloatField(label="Junction in burn-in, °C")
    activation_ev = forms.FloatField(label="Activation energy, eV")
    gamma = forms.FloatField(label="Voltage factor, 1/V")
    use_volt = forms.FloatField(label="Voltage in use, V")
    stress_volt = forms.FloatField(label="Voltage in burn-in, V")
    confidence = forms.ChoiceField(choices=CONFIDENCES, label="Confidence of bounds")
    early_hours = forms.FloatField(label="Early life, h of use")
    ppm_max = forms.FloatField(label="Early fails allowed, ppm")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = burnt_in_products()  # type: ignore[attr-defined]
        for field in self.fields.values():
            if isinstance(field, forms.FloatField):
                field.widget.attrs["step"] = "any"

    def assumed(self) -> Assumed:
        """MalformedError for what no junction, voltage or plan has."""
        said = self.cleaned_data
        numbers = {name: float(said[name]) for name in USUAL}
        return Assumed(**numbers)
