"""What each act on many lots asks. The answers are what the API takes, so that they can wait."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User

from lots.domain.words import HoldClass, Verb
from lots.models import Step, Supplier
from operations.forms.hold_facts import PEOPLE, HoldFactsForm
from supplychain.base.choices import choices

Body = dict[str, Any]


class BulkForm(forms.Form):
    """Shared: a comment that stands on every event. asker: sign-in name of who fills it in."""

    comment = forms.CharField(
        max_length=10_000, required=False, widget=forms.Textarea({"rows": 2}), label="Comment"
    )

    def __init__(self, data: Any = None, *, asker: str = "") -> None:
        super().__init__(data, initial={"owner": asker})
        self.order_fields([name for name in self.fields if name != "comment"])

    def body(self) -> Body:
        """The answers as plain values; what was left empty is left out."""
        return {name: _plain(value) for name, value in self.cleaned_data.items() if value}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, User | Group):
        return value.username if isinstance(value, User) else value.name
    return value.code if isinstance(value, Supplier) else value


class BulkHoldForm(HoldFactsForm, BulkForm):
    """As for one lot, without a part of it. Whoever asks owns it, unless somebody else is named.

    People and roles are written by their names: a list of all is not read for a form this short.
    """

    owner = forms.ModelChoiceField(
        PEOPLE,
        required=False,
        to_field_name="username",
        widget=forms.TextInput,
        label="Owner",
        help_text="Sign-in name; without one, nobody.",
        error_messages={"invalid_choice": "Nobody active signs in by that name."},
    )
    releasing_role = forms.ModelChoiceField(
        Group.objects.all(),
        required=False,
        to_field_name="name",
        widget=forms.TextInput,
        label="Released by",
        help_text="Name of a role; without one, whoever may release holds.",
        error_messages={"invalid_choice": "There is no role of that name."},
    )

    def body(self) -> Body:
        """With the owner said also where it is nobody, and the time past as of the event."""
        body = super().body()
        since = body.pop("happened_at", None)
        return {**body, "owner": body.get("owner", ""), **({"occurred_at": since} if since else {})}


class BulkReleaseForm(BulkForm):
    hold_class = forms.ChoiceField(
        choices=[("", "Every open hold"), *choices(HoldClass)], required=False, label="Which holds"
    )
    disposition = forms.CharField(
        max_length=200,
        label="Disposition",
        help_text="Use as is, rework, retest, return … and why.",
    )


class BulkMoveForm(BulkForm):
    to_step = forms.CharField(
        max_length=32, label="To step", help_text="Code of a step on the lots' routes, such as CP1."
    )
    reason = forms.CharField(
        max_length=64, required=False, help_text="Needed to move back.", label="Reason"
    )

    def clean_to_step(self) -> str:
        code: str = self.cleaned_data["to_step"]
        if not Step.objects.filter(code=code).exists():
            raise forms.ValidationError(
                f"No route has a step {code}. Write its code as the lots' pages show it."
            )
        return code


class BulkShipForm(BulkForm):
    to = forms.ModelChoiceField(Supplier.objects.order_by("code"), label="To")
    customer = forms.CharField(max_length=120, required=False, label="Customer")


class BulkTrackInForm(BulkForm):
    equipment = forms.CharField(
        max_length=64, required=False, label="Equipment", help_text="Where they are worked on."
    )


class BulkTrackOutForm(BulkForm):
    """Everything good, each on to the next step of its route."""


class BulkBankForm(BulkForm):
    reason = forms.CharField(max_length=64, required=False, label="Reason")


class BulkAmendForm(BulkForm):
    is_hot = forms.ChoiceField(
        choices=[("", "As it is"), ("yes", "Yes"), ("no", "No")], required=False, label="Hot lot"
    )
    due_on = forms.DateField(
        required=False, widget=forms.DateInput({"type": "date"}), label="Due",
        help_text="Empty: as it is.",
    )  # fmt: skip
    customer = forms.CharField(
        max_length=120, required=False, label="Customer", help_text="Empty: as it is."
    )
    reason = forms.CharField(max_length=64, required=False, label="Reason")

    def clean(self) -> Body:
        cleaned = super().clean() or {}
        if not any(cleaned.get(name) for name in ("is_hot", "due_on", "customer")):
            raise forms.ValidationError("Say what is to change.")
        return cleaned

    def body(self) -> Body:
        """With the word for a hot lot as the API takes it."""
        body = super().body()
        return {**body, "is_hot": body["is_hot"] == "yes"} if "is_hot" in body else body


class BulkReasonForm(BulkForm):
    reason = forms.CharField(max_length=64, label="Reason")


class BulkScrapForm(BulkReasonForm):
    reason = forms.CharField(
        max_length=64,
        label="Reason",
        help_text="A reason code for scrap, such as test-reject or handling.",
    )
    is_sure = forms.BooleanField(label="Scrap whole lots; this cannot be taken back")

    def body(self) -> Body:
        """Without the tick, which is for the person alone."""
        return {name: value for name, value in super().body().items() if name != "is_sure"}


BULK_FORMS: dict[str, type[BulkForm]] = {
    Verb.TRACK_IN: BulkTrackInForm,
    Verb.TRACK_OUT: BulkTrackOutForm,
    Verb.BANK: BulkBankForm,
    Verb.UNBANK: BulkBankForm,
    Verb.AMEND: BulkAmendForm,
    Verb.HOLD: BulkHoldForm,
    Verb.RELEASE: BulkReleaseForm,
    Verb.MOVE: BulkMoveForm,
    Verb.SHIP: BulkShipForm,
    Verb.SCRAP: BulkScrapForm,
}
