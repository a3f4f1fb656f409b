from __future__ import annotations

from django import forms

from testing.domain.words import ConflictVerdict


class DecideForm(forms.Form):
    """One die or two, and why. seen: the verdict that stood when the page was drawn."""

    verdict = forms.ChoiceField(
        label="It is",
        choices=[
            (ConflictVerdict.SAME.value, "the same die"),
            (ConflictVerdict.DIFFERENT.value, "different dies"),
        ],
    )
    reason = forms.CharField(
        label="Reason",
        max_length=10_000,
        widget=forms.Textarea({"rows": 3}),
        help_text="What you looked at: the wafer map, the tester's log, the part itself.",
    )
    seen = forms.ChoiceField(
        choices=[(one.value, one.value) for one in ConflictVerdict], widget=forms.HiddenInput
    )
