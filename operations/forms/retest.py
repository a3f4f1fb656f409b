from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils import timezone

from lots.models import Product
from operations.selectors.retest import POLICY_WORDS

TIME = {"type": "datetime-local", "step": "60"}
POLICIES = [(policy.value, f"{policy.value}: {words}") for policy, words in POLICY_WORDS.items()]


class RetestRuleForm(forms.Form):
    """A rule to prepare. valid_from: now, where nothing else is said."""

    product = forms.ModelChoiceField(Product.objects.none(), label="Product")
    step_code = forms.CharField(max_length=32, label="Step", help_text="Its code, as CP1.")
    policy = forms.ChoiceField(choices=POLICIES, label="Policy")
    valid_from = forms.DateTimeField(
        widget=forms.DateTimeInput(TIME),
        label="Valid from, UTC",
        required=False,
        help_text="Now, if left empty.",
    )
    reason = forms.CharField(max_length=10_000, label="Reason", widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["product"].queryset = Product.objects.order_by("code")  # type: ignore[attr-defined]

    def clean_valid_from(self) -> datetime:
        given: datetime | None = self.cleaned_data["valid_from"]
        return given or timezone.now()


class PolicyForm(forms.Form):
    """Another policy for one lot step."""

    policy = forms.ChoiceField(choices=POLICIES, label="Policy")
    reason = forms.CharField(
        max_length=10_000,
        label="Reason",
        widget=forms.Textarea({"rows": 3}),
        help_text="Stands beside the changed figures for good.",
    )
