from __future__ import annotations

from django import forms
from django.contrib.auth.models import User


class NoteForm(forms.Form):
    """A comment, or a word along with an acknowledgement."""

    note = forms.CharField(
        label="Note", max_length=10_000, required=False, widget=forms.Textarea({"rows": 3})
    )


class CommentForm(NoteForm):
    note = forms.CharField(label="Note", max_length=10_000, widget=forms.Textarea({"rows": 3}))


class AssignForm(NoteForm):
    owner = forms.ModelChoiceField(
        User.objects.none(), label="Owner", required=False, empty_label="Nobody"
    )
    field_order = ("owner", "note")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = User.objects.filter(is_active=True, is_staff=True).order_by("username")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class ResolveForm(forms.Form):
    cause = forms.CharField(
        label="Cause",
        max_length=200,
        required=False,
        help_text="With a cause, the lot no longer counts as ordinary in later limits.",
    )
    note = forms.CharField(
        label="What was done", max_length=10_000, widget=forms.Textarea({"rows": 3})
    )


class PlanForm(forms.Form):
    """What is done about it, and when to look again."""

    containment = forms.CharField(
        label="Containment",
        max_length=10_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="What keeps it from spreading: holds, sorting, another tester.",
    )
    corrective_action = forms.CharField(
        label="Corrective action",
        max_length=10_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="What keeps it from coming back.",
    )
    check_on = forms.DateField(
        label="Check on",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text="When to look whether it helped. Another person then verifies it.",
    )


class SnoozeForm(forms.Form):
    """Until when it may rest, and why."""

    until = forms.DateTimeField(
        label="Until, UTC",
        widget=forms.DateTimeInput({"type": "datetime-local", "step": "60"}),
        help_text="It comes back to the queue then, 90 days ahead at most.",
    )
    reason = forms.CharField(label="Reason", max_length=10_000, widget=forms.Textarea({"rows": 3}))


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=10_000, widget=forms.Textarea({"rows": 3}))
