from __future__ import annotations

from django import forms
from django.contrib.auth.models import User

from quality.domain.attachments import AttachmentKind


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
    due_on = forms.DateField(
        label="Due on",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text="The day by which the cause is to be dealt with.",
    )
    field_order = ("owner", "due_on", "note")

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


class MergeForm(forms.Form):
    """Which issue stands for this one from now on."""

    into = forms.CharField(
        label="Into issue",
        max_length=16,
        widget=forms.TextInput({"placeholder": "Q-000123", "autocomplete": "off"}),
        help_text=(
            "An open one. It takes over what is found of this cause, and the lots on hold for it. "
            "This one keeps its evidence, and can be separated again."
        ),
    )
    reason = forms.CharField(label="Reason", max_length=10_000, widget=forms.Textarea({"rows": 3}))


class AttachForm(forms.Form):
    """A file for an issue."""

    upload = forms.FileField(
        label="File",
        max_length=255,
        widget=forms.FileInput({"accept": ",".join(f".{kind}" for kind in AttachmentKind)}),
        help_text=f"Of 20 MiB at most: {', '.join(AttachmentKind)}.",
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=10_000, widget=forms.Textarea({"rows": 3}))
