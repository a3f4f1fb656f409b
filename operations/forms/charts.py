from __future__ import annotations

from typing import Any

from django import forms

from lots.models import Product
from operations.selectors.limits import CHART_WORDS
from quality.domain.words import LimitKind, RuleSet
from quality.selectors.limit_asking import LimitWords

KINDS = [(kind.value, words) for kind, words in CHART_WORDS.items()]
RULES = [
    (RuleSet.LIMIT.value, "Limits only"),
    (RuleSet.WESTERN_ELECTRIC.value, "Western Electric"),
    (RuleSet.NELSON.value, "Nelson"),
]


class ChartForm(forms.Form):
    """Which figure of which series, on which chart, by which rules."""

    product = forms.ModelChoiceField(Product.objects.none(), label="Product", to_field_name="code")
    step_code = forms.CharField(max_length=32, label="Step, as CP1")
    kind = forms.ChoiceField(choices=KINDS, label="Chart")
    subject = forms.CharField(
        max_length=64,
        required=False,
        label="Of what",
        widget=forms.TextInput({"placeholder": "final-yield, first-yield, 5"}),
    )
    rules = forms.ChoiceField(choices=RULES, required=False, label="Rules")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.order_by("code")  # type: ignore[attr-defined]

    def words(self) -> LimitWords:
        """What was answered."""
        said = self.cleaned_data
        return LimitWords(
            said["product"], said["step_code"], LimitKind(said["kind"]), said["subject"]
        )

    def rule_set(self) -> RuleSet:
        """The limits alone if nothing was chosen."""
        return RuleSet(self.cleaned_data["rules"] or RuleSet.LIMIT)
