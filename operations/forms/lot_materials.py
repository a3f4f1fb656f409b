"""What is asked where an assembly took its material from another lot than it named."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from lots.domain.words import Verb
from lots.models import Lot, MaterialUse
from lots.selectors.materials import uses_now
from operations.forms.lot_form import LotActForm


class ReissueForm(LotActForm):
    use = forms.ModelChoiceField(
        MaterialUse.objects.none(), label="What was named", empty_label=None
    )
    issued_from = forms.CharField(
        max_length=64,
        label="Lot that gave the parts",
        help_text="Of the same product. Scan or type its code.",
    )
    quantity = forms.IntegerField(
        min_value=1, required=False, label="How many", help_text="Empty: all of them."
    )
    is_exchange = forms.BooleanField(
        required=False,
        label="They were exchanged just now",
        help_text="Only if the parts named were really built in, and others put in their place. "
        "Scrap those taken out in their own lot if they are bad.",
    )
    reason = forms.ChoiceField(label="Reason")

    def offer(self, lot: Lot) -> None:
        field: Any = self.fields["use"]
        uses = uses_now().filter(event__lot=lot).select_related("lot__product", "event")
        field.queryset = uses.order_by("-event__seq", "lot__code")
        field.label_from_instance = _use_words
        self.offer_reasons("reason", Verb.REISSUE)

    def clean_issued_from(self) -> Lot:
        code = self.cleaned_data["issued_from"]
        found = Lot.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(f"There is no lot {code}. Check the code.")
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            cleaned["lots"] = [cleaned["use"].lot, cleaned["issued_from"]]
        return cleaned


def _use_words(use: MaterialUse) -> str:
    local = timezone.localtime(use.event.occurred_at)
    return (
        f"{use.quantity} {use.lot.product} of {use.lot.code}, built {local:%d %b %Y %H:%M %Z}, "
        f"seq {use.event.seq}"
    )
