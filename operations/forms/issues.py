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


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=10_000, widget=forms.Textarea({"rows": 3}))
