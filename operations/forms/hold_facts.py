"""What is asked of every hold, of one lot or of many, now or planned."""

from __future__ import annotations

from datetime import date, datetime

from django import forms
from django.contrib.auth.models import Group, User
from django.utils import timezone

from lots.domain.words import HoldClass
from supplychain.base.choices import choices

PEOPLE = User.objects.filter(is_active=True, is_staff=True).order_by("username")


def role_choice(label: str) -> forms.ModelChoiceField[Group]:
    """Who may release the hold: a role, or without one whoever may release holds."""
    return forms.ModelChoiceField(
        Group.objects.order_by("name"),
        required=False,
        to_field_name="name",
        label=label,
        empty_label="Whoever may release holds",
    )


class HoldFactsForm(forms.Form):
    """Who decides, why, until when and since when."""

    hold_class = forms.ChoiceField(choices=choices(HoldClass), label="Who decides")
    hold_reason = forms.CharField(max_length=200, label="Reason")
    owner = forms.ModelChoiceField(
        PEOPLE, required=False, to_field_name="username", label="Owner", empty_label="Nobody"
    )
    due_on = forms.DateField(
        required=False, widget=forms.DateInput({"type": "date"}), label="Decision due"
    )
    happened_at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
        label="In force since, UTC",
        help_text="Empty: now. A time past dates the hold back.",
    )
    releasing_role = role_choice("Released by")

    def clean_due_on(self) -> date | None:
        due_on: date | None = self.cleaned_data["due_on"]
        if due_on is not None and due_on < timezone.localdate():
            raise forms.ValidationError("This day is past. Choose today or a later day.")
        return due_on

    def clean_happened_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["happened_at"]
        if at is not None and at > timezone.now():
            raise forms.ValidationError("This time is still to come. Leave it empty for now.")
        return at

    def clean_hold_class(self) -> HoldClass:
        return HoldClass(self.cleaned_data["hold_class"])
