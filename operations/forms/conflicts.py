from __future__ import annotations

from typing import Any

from django import forms

from testing.domain.words import ConflictVerdict

ABOUT_DIES = {ConflictVerdict.SAME: "the same die", ConflictVerdict.DIFFERENT: "different dies"}
ABOUT_SESSIONS = {
    ConflictVerdict.SAME: "the same units, tested again",
    ConflictVerdict.DIFFERENT: "other units in each session",
}


class DecideForm(forms.Form):
    """One die or two, and why; or of sessions that count their parts, one set of units or several.

    seen: the verdict that stood when the page was drawn.
    """

    verdict = forms.ChoiceField(
        label="It is",
        choices=[(one.value, words) for one, words in ABOUT_DIES.items()],
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

    def __init__(self, *args: Any, is_counted: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_counted:
            words = [(one.value, words) for one, words in ABOUT_SESSIONS.items()]
            self.fields["verdict"].choices = words  # type: ignore[attr-defined]
            self.fields["reason"].help_text = "What you looked at: the traveller, the parts' marks."
