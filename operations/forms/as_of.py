"""Which moment of the past a page is to show."""

from __future__ import annotations

from typing import Any

from django import forms

from lots.domain.moments import SEQ_MAX, Moment


class SeqForm(forms.Form):
    """The event at which a genealogy is to be known; the newest of all without one."""

    as_of_seq = forms.IntegerField(
        min_value=0, max_value=SEQ_MAX, required=False, label="As known at event"
    )


class MomentForm(forms.Form):
    """One of two clocks: the ledger's own, or that of the places where things happened."""

    as_of_seq = forms.IntegerField(
        min_value=0, max_value=SEQ_MAX, required=False, label="As known at event"
    )
    happened_by = forms.DateTimeField(
        required=False,
        label="Or as it happened by, UTC",
        widget=forms.DateTimeInput({"type": "datetime-local", "step": "1"}),
    )

    def clean(self) -> dict[str, Any]:
        """With the moment under `moment`, where one is asked for."""
        cleaned = super().clean() or {}
        seq, time = cleaned.get("as_of_seq"), cleaned.get("happened_by")
        if seq is not None and time is not None:
            raise forms.ValidationError("Give an event or a time, not both.")
        if seq is not None or time is not None:
            cleaned["moment"] = Moment(seq, time)
        return cleaned


class LotsThenForm(MomentForm):
    """With what narrows the list of lots that stood then."""

    q = forms.CharField(max_length=64, required=False, label="Start of the lot code")
    step = forms.CharField(max_length=32, required=False, label="Step")
    product = forms.CharField(max_length=64, required=False, label="Product")
