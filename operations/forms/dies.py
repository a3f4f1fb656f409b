from __future__ import annotations

from typing import Any

from django import forms

from lots.domain.wafers import Placing
from lots.models import Product

SIDE_MM_MIN = 2.0
USUAL = {"scribe_mm": 0.0, "edge_mm": 3.0, "clustering": 2.0, "layers": 10}


class DiesForm(forms.Form):
    """Which die, how it is placed, and what the models assume."""

    product = forms.ModelChoiceField(
        Product.objects.none(), label="Product", to_field_name="code", empty_label=None
    )
    width_mm = forms.FloatField(label="Die width, mm", min_value=SIDE_MM_MIN, max_value=300)
    height_mm = forms.FloatField(label="Die height, mm", min_value=SIDE_MM_MIN, max_value=300)
    scribe_mm = forms.FloatField(label="Scribe line, mm", min_value=0, max_value=10)
    edge_mm = forms.FloatField(label="Edge left free, mm", min_value=0, max_value=50)
    clustering = forms.FloatField(
        label="Clustering",
        min_value=0.01,
        max_value=100,
    )
    layers = forms.IntegerField(label="Critical layers", min_value=1, max_value=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = sized_products()  # type: ignore[attr-defined]
        for field in self.fields.values():
            if isinstance(field, forms.FloatField):
                field.widget.attrs["step"] = "any"

    def placing(self) -> Placing:
        """How dies lie on the wafer."""
        said = self.cleaned_data
        return Placing(said["width_mm"], said["height_mm"], said["scribe_mm"], said["edge_mm"])


def sized_products() -> Any:
    """Products whose die has a size."""
    sized = Product.objects.filter(die_width_mm__gt=0, die_height_mm__gt=0)
    return sized.order_by("code")
