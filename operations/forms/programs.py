from __future__ import annotations

from django import forms


class ReleaseForm(forms.Form):
    """Why a revision may decide about production."""

    reason = forms.CharField(
        max_length=10_000,
        label="What was checked",
        widget=forms.Textarea({"rows": 3}),
        help_text="Correlation, gold units, what changed: a colleague releases on the word of it.",
    )
