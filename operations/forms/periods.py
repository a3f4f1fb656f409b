from __future__ import annotations

from typing import Any

from django import forms

from finance.services.periods import REASON_CHARACTERS_MAX


class AgreeForm(forms.Form):
    """The person agrees to what was shown. seen: hash of it."""

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class ReasonForm(AgreeForm):
    """They also say why. label: what is asked for."""

    reason = forms.CharField(
        max_length=REASON_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 3}),
        help_text="Stands there for good.",
    )

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label


class YearForm(forms.Form):
    """The year that is added to the calendar."""

    year = forms.IntegerField(min_value=1, max_value=9999, widget=forms.HiddenInput)
