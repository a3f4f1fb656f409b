"""What a subscription asks."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms

from lots.models import Product, Supplier
from notices.domain.words import NoticeKind
from notices.models import Subscription
from supplychain.base.choices import label

KINDS = [(kind.value, label(kind).replace(".", " ")) for kind in NoticeKind]
KINDS.remove((NoticeKind.TEST.value, "Test"))
ZONES = sorted(zoneinfo.available_timezones())


class SubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Everything but whose it is."""

    kinds = forms.MultipleChoiceField(
        label="What",
        choices=KINDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "None ticked: all about issues and decisions. Closed periods, exports and the ledger "
            "are told only where they are ticked, whatever else is asked below."
        ),
    )
    zone = forms.ChoiceField(
        label="Time zone", choices=[(zone, zone) for zone in ZONES], initial="UTC"
    )

    class Meta:
        model = Subscription
        fields = (
            "severity_min", "kinds", "products", "suppliers", "digest_at", "quiet_from", "quiet_to",
            "zone", "wakes_for_critical",
        )  # fmt: skip
        labels = {
            "severity_min": "From severity",
            "products": "Products",
            "suppliers": "Suppliers",
            "digest_at": "Once a day at",
            "quiet_from": "Quiet from",
            "quiet_to": "Quiet until",
            "wakes_for_critical": "Critical comes at once all the same",
        }
        help_texts = {
            "products": "None picked: all.",
            "suppliers": "None picked: all. The company that has the lot.",
            "digest_at": "Gathers what comes, in one message a day. Empty: at once.",
            "quiet_from": "What comes in between is told at the end.",
        }
        widgets = {
            "digest_at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "quiet_from": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "quiet_to": forms.TimeInput({"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["products"].queryset = Product.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["suppliers"].queryset = Supplier.objects.order_by("code")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if bool(said.get("quiet_from")) != bool(said.get("quiet_to")):
            self.add_error("quiet_to", "Give both ends of the quiet hours, or none.")
        return said
