"""What is asked where a lot is stopped, let go, described anew or put right."""

from __future__ import annotations

from typing import Any

from django import forms

from lots.domain.serials import serial_list
from lots.domain.words import HoldScope, LotPurpose
from lots.models import Hold, Lot
from operations.domain.ranges import named_wafers
from operations.forms.hold_facts import HoldFactsForm
from operations.forms.lot_form import HOW_TO_LIST, LotActForm, names_wafers, read
from operations.selectors.holds import hold_words, with_stopped
from supplychain.base.choices import choices


class HoldForm(HoldFactsForm, LotActForm):
    scope = forms.ChoiceField(choices=choices(HoldScope), initial=HoldScope.LOT, label="Stops",
                              required=False)  # fmt: skip
    wafers = forms.CharField(
        max_length=200, required=False, label="Wafers", help_text='Such as "1-5, 7".'
    )
    bin_number = forms.IntegerField(
        min_value=0, required=False, label="Bin", help_text="The hard bin its units fell in."
    )
    serials = forms.CharField(
        max_length=40_000,
        required=False,
        widget=forms.Textarea({"rows": 3, "data-scan-list": ""}),
        label="Serials",
        help_text=f"{HOW_TO_LIST} For scope bin, empty means every unit that fell in it.",
    )

    def offer(self, lot: Lot) -> None:
        scopes = [HoldScope.LOT]
        if names_wafers(lot):
            scopes.append(HoldScope.WAFER)
        else:
            del self.fields["wafers"]
        if lot.units.exists():
            scopes += [HoldScope.BIN, HoldScope.UNIT]
        else:
            del self.fields["bin_number"], self.fields["serials"]
        self.fields["scope"].choices = [(one, SCOPE_WORDS[one]) for one in scopes]  # type: ignore[attr-defined]

    def clean_scope(self) -> HoldScope:
        return HoldScope(self.cleaned_data["scope"] or HoldScope.LOT)

    def clean_wafers(self) -> tuple[int, ...]:
        return read(named_wafers, self.cleaned_data["wafers"])  # type: ignore[no-any-return]

    def clean_serials(self) -> tuple[str, ...]:
        return read(serial_list, self.cleaned_data["serials"])  # type: ignore[no-any-return]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        scope = HoldScope(cleaned.get("scope") or HoldScope.LOT)
        needed = {HoldScope.WAFER: "wafers", HoldScope.UNIT: "serials", HoldScope.BIN: "bin_number"}
        name = needed.get(scope)
        if name and name not in self.errors and cleaned.get(name) in {None, ()}:
            self.add_error(name, f"Say which; the hold stops {SCOPE_WORDS[scope].lower()}.")
        return cleaned


SCOPE_WORDS = {
    HoldScope.LOT: "The whole lot",
    HoldScope.WAFER: "Some wafers",
    HoldScope.BIN: "What fell in a bin",
    HoldScope.UNIT: "Some units",
}


class ReleaseForm(LotActForm):
    hold = forms.ModelChoiceField(Hold.objects.none(), label="Hold", empty_label=None)
    disposition = forms.CharField(
        max_length=200,
        label="Disposition",
        help_text="Use as is, rework, retest, return … and why.",
    )

    def offer(self, lot: Lot) -> None:
        field: Any = self.fields["hold"]
        stops = with_stopped(lot.holds.filter(released_at__isnull=True))
        field.queryset = stops.order_by("id")
        field.label_from_instance = lambda hold: (
            f"{hold.get_hold_class_display()}: {hold_words(hold)}"
        )


class AmendForm(LotActForm):
    """Filled with what the lot says now; only what differs is changed."""

    is_hot = forms.BooleanField(required=False, label="Hot lot")
    due_on = forms.DateField(
        required=False,
        widget=forms.DateInput({"type": "date"}),
        label="Due",
        help_text="Empty: no day.",
    )
    customer = forms.CharField(max_length=120, required=False, label="Customer")
    purpose = forms.ChoiceField(choices=choices(LotPurpose), label="Purpose")
    reason = forms.CharField(max_length=64, required=False, label="Reason")

    def offer(self, lot: Lot) -> None:
        for name in ("is_hot", "due_on", "customer", "purpose"):
            self.fields[name].initial = getattr(lot, name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        asked = {name: cleaned.get(name) for name in ("is_hot", "due_on", "customer", "purpose")}
        changed = {name for name, value in asked.items() if value != getattr(self.lot, name)}
        cleaned["changed"] = changed
        if not changed and not self.errors:
            raise forms.ValidationError("Nothing differs from what the lot says already.")
        return cleaned
