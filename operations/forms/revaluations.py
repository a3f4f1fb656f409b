from __future__ import annotations

from typing import Any

from django import forms

from finance.domain.revaluations import RevaluationOrder
from finance.selectors.revaluations import approved_versions, scope_choices


class RevaluationForm(forms.Form):
    """To which standard, on which day, which stock and why."""

    version = forms.ChoiceField(
        label="Standard costs", help_text="Of an approved version, in force on the day."
    )
    effective_on = forms.DateField(
        label="Counts on",
        widget=forms.DateInput({"type": "date"}),
        help_text="A plant day, today or before. Lots with later lines are left out.",
    )
    reason = forms.CharField(
        max_length=64,
        label="Reason",
        help_text="A word for the ledger, such as new-standard.",
    )
    evidence = forms.CharField(
        max_length=4000,
        label="What it rests on",
        widget=forms.Textarea({"rows": 3}),
        help_text="Decision, price agreement, minutes: what an auditor will ask for.",
    )
    item = forms.ChoiceField(required=False, label="Only item")
    stage = forms.ChoiceField(required=False, label="Only stage")
    custodian = forms.ChoiceField(required=False, label="Only with custodian")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "version": [
                (version.code, f"{version.code}, from {version.effective_on}")
                for version in approved_versions()
            ]
        }
        for name, codes in scope_choices().items():
            choices[name] = [("", "All"), *((code, code) for code in codes)]
        for name, pairs in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = pairs

    def order(self) -> RevaluationOrder:
        """What a valid form asks for."""
        said: dict[str, Any] = self.cleaned_data
        return RevaluationOrder(**said)
