from __future__ import annotations

from typing import Any

from django import forms

from lots.models import Product
from operations.selectors.limits import KIND_WORDS
from quality.domain.figures import BIN, FIGURES
from quality.domain.words import LimitKind
from quality.selectors.limit_asking import LimitWords

KINDS = [(kind.value, words) for kind, words in KIND_WORDS.items()]
CHARTED = ", ".join(
    f"{figure.code} and a test number" if figure.argument else figure.code
    for figure in FIGURES.values()
    if figure.argument != BIN and figure.group != "Yield"
)
TIME = {"type": "datetime-local", "step": "60"}


class LimitForm(forms.Form):
    """What a limit is about and how it is computed; reason and start are asked on preparing."""

    product = forms.ModelChoiceField(Product.objects.none(), label="Product", to_field_name="code")
    step_code = forms.CharField(max_length=32, label="Step", help_text="Its code, as CP1.")
    kind = forms.ChoiceField(choices=KINDS, label="Kind")
    subject = forms.CharField(
        max_length=300,
        required=False,
        label="Of what",
        help_text="final-yield or first-yield, a hard bin, or a test number. GDBN: nothing. "
        f"Of a chart also {CHARTED}.",
    )
    lots_max = forms.IntegerField(
        min_value=2, max_value=500, initial=60, label="Lots of history", help_text="The newest."
    )
    units_min = forms.IntegerField(
        min_value=1,
        max_value=1_000_000,
        required=False,
        label="Smallest lot, units",
        help_text="If left empty: 20; 8 tested again, 1 wafer.",
    )
    sigmas = forms.FloatField(
        min_value=0.5,
        max_value=100,
        required=False,
        label="Distance, sigma",
        help_text="If left empty: 3; tests 6, EWMA 3.059, CUSUM 5.757.",
    )
    share_min = forms.FloatField(
        min_value=0.1,
        max_value=1,
        initial=0.75,
        label="Failing neighbours, share",
        help_text="Of GDBN.",
    )
    count_min = forms.IntegerField(
        min_value=1,
        max_value=1_000_000,
        initial=1,
        label="Outliers that flag a lot",
        help_text="Of limits on units.",
    )
    ratio_min = forms.FloatField(
        min_value=0,
        max_value=1,
        required=False,
        label="Lowest yield, 0 to 1",
        help_text="Of a spec.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.order_by("code")  # type: ignore[attr-defined]

    def words(self) -> LimitWords:
        """What was answered."""
        said = self.cleaned_data
        return LimitWords(**{**said, "kind": LimitKind(said["kind"])})


class PrepareForm(forms.Form):
    """Why, and from when."""

    reason = forms.CharField(max_length=10_000, label="Reason", widget=forms.Textarea({"rows": 2}))
    valid_from = forms.DateTimeField(
        widget=forms.DateTimeInput(TIME),
        label="Valid from, UTC",
        required=False,
        help_text="From approval on, if left empty; never before it.",
    )
