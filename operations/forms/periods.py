from __future__ import annotations

from django import forms

from finance.services.periods import REASON_CHARACTERS_MAX


class AgreeForm(forms.Form):
    """The person agrees to what was shown. seen: hash of it."""

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class ReasonForm(AgreeForm):
    reason = forms.CharField(
        max_length=REASON_CHARACTERS_MAX,
        label="Why it is restated",
        widget=forms.Textarea({"rows": 3}),
        help_text="Stands beside the version for good.",
    )
