from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django import forms

from lots.models import Product
from operations.selectors.limits import CHART_WORDS
from quality.domain.figures import BIN, FIGURES, named_figure
from quality.domain.words import LimitKind, RuleSet
from quality.selectors.limit_asking import YIELDS, LimitWords

KINDS = [("", "As fits the figure"), *((kind.value, words) for kind, words in CHART_WORDS.items())]
GROUPED = [
    (group, [(figure.code, figure.name) for figure in figures])
    for group, figures in groupby(FIGURES.values(), key=lambda figure: figure.group)
]
RULES = [
    (RuleSet.LIMIT.value, "Limits only"),
    (RuleSet.WESTERN_ELECTRIC.value, "Western Electric"),
    (RuleSet.NELSON.value, "Nelson"),
]


class ChartForm(forms.Form):
    """Which figure of which series, on which chart, by which rules.

    An address may name figure and number in one word, as limit versions do: `subject`.
    """

    product = forms.ModelChoiceField(Product.objects.none(), label="Product", to_field_name="code")
    step_code = forms.CharField(max_length=32, label="Step, as CP1")
    figure = forms.ChoiceField(choices=GROUPED, label="Figure")
    number = forms.CharField(max_length=300, required=False, label="Number of the bin or test")
    kind = forms.ChoiceField(choices=KINDS, required=False, label="Chart")
    rules = forms.ChoiceField(choices=RULES, required=False, label="Rules")

    def __init__(self, words: Mapping[str, Any] | None = None) -> None:
        super().__init__(None if words is None else with_figure(words))
        self.fields["product"].queryset = Product.objects.order_by("code")  # type: ignore[attr-defined]

    def words(self) -> LimitWords:
        """What was answered."""
        said = self.cleaned_data
        figure = FIGURES[said["figure"]]
        code = "" if figure.argument == BIN and said["number"] else figure.code
        kind = LimitKind(said["kind"] or figure.kinds[0])
        subject = f"{code} {said['number']}".strip()
        return LimitWords(said["product"], said["step_code"], kind, subject)

    def rule_set(self) -> RuleSet:
        """The limits alone if nothing was chosen."""
        return RuleSet(self.cleaned_data["rules"] or RuleSet.LIMIT)


def with_figure(words: Mapping[str, Any]) -> dict[str, Any]:
    """Figure and number out of `subject` where the figure is not named by itself."""
    said = {name: words[name] for name in words}
    if "figure" in said:
        return said
    subject = said.get("subject") or YIELDS[0]
    named = named_figure(subject)
    code = named.figure.code if named else subject
    return {**said, "figure": code, "number": subject.removeprefix(code).strip()}
