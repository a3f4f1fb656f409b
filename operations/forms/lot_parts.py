"""What is asked where a lot is divided, joined, counted anew or built into something."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Sum

from lots.domain.commands import Build, Material, Part
from lots.domain.materials import named_materials
from lots.domain.serials import LOT_CODE_MAX, next_child_code, serial_list
from lots.domain.words import StepKind, UnitKind, Verb, VersionState
from lots.models import Bill, Lot, Product, Step
from operations.forms.lot_form import (
    HOW_TO_LIST,
    LotActForm,
    PartOfLotForm,
    read,
    route_steps,
)
from operations.selectors.lots import family_of
from supplychain.base.errors import MalformedError

PILOT_MARK = "P"
BUILD_KINDS = (StepKind.ASSEMBLY, StepKind.BUILD)


class SplitForm(PartOfLotForm):
    """The code of the new lot is suggested. mark: what stands before its number."""

    child_code = forms.CharField(max_length=LOT_CODE_MAX, label="Code of the new lot")
    field_order: tuple[str, ...] = ("child_code",)
    mark: ClassVar[str] = ""

    def has_units(self, lot: Lot) -> bool:
        """Also finds codes that are taken, in the same query."""
        with_units, codes = family_of(lot)
        self.fields["child_code"].initial = next_child_code(lot.code, codes, self.mark)
        return with_units


class SendAheadForm(SplitForm):
    until_step = forms.ModelChoiceField(Step.objects.none(), label="The rest waits until it is at")
    field_order = ("child_code", "until_step")
    mark = PILOT_MARK

    def offer(self, lot: Lot) -> None:
        super().offer(lot)
        later = route_steps(lot).filter(sequence__gt=lot.step.sequence)
        self.offer_steps("until_step", later, later.first())


class ScrapForm(PartOfLotForm):
    is_whole = forms.BooleanField(required=False, label="The whole lot")
    reason = forms.ChoiceField(label="Reason")

    def offer(self, lot: Lot) -> None:
        super().offer(lot)
        if "quantity" in self.fields:
            del self.fields["is_whole"]
        self.offer_reasons("reason", Verb.SCRAP)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_whole"):
            cleaned["quantity"] = self.lot.quantity
        return cleaned


class LossForm(PartOfLotForm):
    reason = forms.ChoiceField(label="Reason")

    def offer(self, lot: Lot) -> None:
        super().offer(lot)
        self.offer_reasons("reason", Verb.LOSS)


class BonusForm(LotActForm):
    quantity = forms.IntegerField(min_value=1, label="How many more")
    reason = forms.ChoiceField(label="Reason")

    def offer(self, lot: Lot) -> None:
        self.offer_reasons("reason", Verb.BONUS)


class BinForm(PartOfLotForm):
    child_code = forms.CharField(max_length=64, label="Code of the new lot")
    product = forms.ModelChoiceField(Product.objects.none(), label="Becomes product")
    reason = forms.ChoiceField(label="Reason")
    field_order = ("child_code", "product")

    def offer(self, lot: Lot) -> None:
        super().offer(lot)
        field: Any = self.fields["product"]
        same = Product.objects.filter(kind=lot.product.kind).exclude(pk=lot.product_id)
        field.queryset = same.order_by("code")
        self.offer_reasons("reason", Verb.BIN)


class MergeForm(LotActForm):
    lots = forms.CharField(
        max_length=8000,
        widget=forms.Textarea({"rows": 4, "data-scan-list": ""}),
        label="Lots that go into this one",
        help_text=f"Scan or type their codes. {HOW_TO_LIST}",
    )

    def clean_lots(self) -> list[Lot]:
        codes = list(dict.fromkeys(read(serial_list, self.cleaned_data["lots"])))
        found = {lot.code: lot for lot in Lot.objects.filter(code__in=codes)}
        missing = [code for code in codes if code not in found]
        if missing:
            raise forms.ValidationError(f"There is no lot {', '.join(missing[:5])}.")
        return [found[code] for code in codes]


class DiceForm(LotActForm):
    die_product = forms.ModelChoiceField(
        Product.objects.filter(kind=UnitKind.DIE).order_by("code"), label="Dies are"
    )

    def offer(self, lot: Lot) -> None:
        self.fields["die_product"].initial = lot.product_id


class AssembleForm(LotActForm):
    """New things and their parts, by scanner or as a list: each serial, then its parts."""

    product = forms.ModelChoiceField(Product.objects.none(), label="What is built")
    lot_code = forms.CharField(
        max_length=64, label="Into lot", help_text="A new code, or a lot at the same step."
    )
    at_step = forms.ModelChoiceField(Step.objects.none(), label="At")
    serials = forms.CharField(
        max_length=200_000,
        widget=forms.Textarea({"rows": 8, "data-scan-list": ""}),
        label="Built",
        help_text="For each thing built: its own serial, then its parts. Scan them one after "
        "another, or give one thing a line. A part may name its place: D0=serial.",
    )
    materials = forms.CharField(
        max_length=8000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        label="Parts without serials",
        help_text="The lots they were taken from and how many, for all that is built: HBM-1=8. "
        "Leave it empty where it is not known.",
    )
    field_order = ("product", "lot_code", "at_step", "serials", "materials")

    def offer(self, lot: Lot) -> None:
        bills = Bill.objects.filter(state=VersionState.RELEASED, lines__component=lot.product_id)
        field: Any = self.fields["product"]
        field.queryset = Product.objects.filter(bills__in=bills).distinct().order_by("code")
        first = field.queryset.first()
        field.initial = first.pk if first else None
        steps: Any = self.fields["at_step"]
        steps.queryset = (
            Step.objects.filter(kind__in=BUILD_KINDS, route_version__state=VersionState.RELEASED)
            .select_related("route_version__route")
            .order_by("route_version__route__code", "sequence")
        )
        steps.label_from_instance = lambda step: f"{step.route_version}: {step.code}, {step.name}"
        steps.initial = lot.step_id if lot.step.kind in BUILD_KINDS else None

    def clean_serials(self) -> tuple[str, ...]:
        return read(serial_list, self.cleaned_data["serials"])  # type: ignore[no-any-return]

    def clean_materials(self) -> tuple[Material, ...]:
        try:
            return named_materials(self.cleaned_data["materials"])
        except MalformedError as error:
            raise forms.ValidationError(error.detail) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        words: tuple[str, ...] = cleaned["serials"]
        size = 1 + _part_count(cleaned["product"])
        if not words or len(words) % size:
            self.add_error(
                "serials",
                f"{len(words)} codes; each {cleaned['product']} takes {size}: its own serial and "
                f"{size - 1} parts.",
            )
            return cleaned
        try:
            cleaned["builds"] = tuple(
                _build(words[at : at + size]) for at in range(0, len(words), size)
            )
        except MalformedError as error:
            self.add_error("serials", error.detail)
        return cleaned


def _part_count(product: Product) -> int:
    """Serialised parts in one of the product, by its newest released bill."""
    bill = (
        Bill.objects.filter(product=product, state=VersionState.RELEASED)
        .order_by("-version")
        .first()
    )
    lines = bill.lines.filter(is_serialised=True) if bill else None
    return (lines.aggregate(count=Sum("quantity"))["count"] or 0) if lines is not None else 0


def _build(words: tuple[str, ...]) -> Build:
    parts = []
    for number, word in enumerate(words[1:], start=1):
        place, mark, serial = word.partition("=")
        parts.append(Part(serial, place) if mark else Part(word, f"P{number}"))
    return Build(words[0], tuple(parts))
