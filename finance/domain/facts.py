"""What the posting rules are told: the event, its lots, and the book of stages and costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from finance.domain.errors import MissingCostError, MissingStageError
from finance.domain.legs import Leg, Position
from finance.domain.money import ZERO, worth
from finance.domain.words import Account
from lots.domain.words import LineKind, Verb

ENGINEERING = "engineering"
"""Stage of engineering material: counted, but carried at nothing, its cost being an expense."""


@dataclass(frozen=True, slots=True)
class LotFacts:
    """What finance needs of a lot. vendor: its supplier, who owns it before title passes.

    is_written_down: what it is carried at below standard stays below.
    """

    code: str
    item: str
    vendor: str
    is_valued: bool = True
    is_written_down: bool = False


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line of the lots event. expected: what the conversion should give of the output."""

    lot: str
    unit: str
    kind: LineKind
    quantity: int
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """Units of the event's lot that left it for one reason."""

    reason: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Revived:
    """Where a lot lives again that had nothing left.

    step: id. custodian: who has it. bound_for: whom it goes to, "" for one that is not shipped.
    title_passed: it became ours as it was shipped.
    """

    step: int
    custodian: str
    bound_for: str = ""
    title_passed: bool = False


@dataclass(frozen=True, slots=True)
class EventFacts:
    """One lots event. step: id of the step after it. counted: what the receiver counted.

    step, of a lot on rework: the one it left, for its material keeps its value. custodian: who has
    the lot after it, "" if as before. output_item: what was made, "" if the lot's own product.
    lost, bonus_reason: of a track-out. undone: what the event posted that this one corrects.
    revived: of a reissue, lots that take parts back and had none left. title_passes: what is
    shipped becomes ours, if it was not.
    """

    verb: Verb
    lot: str
    step: int
    lots: Mapping[str, LotFacts]
    lines: tuple[LineFacts, ...]
    custodian: str = ""
    output_item: str = ""
    counted: int | None = None
    reason: str = ""
    lost: tuple[Lost, ...] = ()
    bonus_reason: str = ""
    undone: tuple[Leg, ...] = ()
    revived: Mapping[str, Revived] = field(default_factory=dict)
    title_passes: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """How a lot standing at a route step is valued."""

    account: Account
    stage: str


@dataclass(frozen=True, slots=True)
class Standard:
    """Standard cost of one unit. yield_ratio: good of those started, 0 to 1."""

    unit_cost: Decimal
    yield_ratio: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """The rules as data. places: (step, unit) → place; standards: (item, stage) → standard.

    missing_reasons: of scrap and losses that say that units are not there. supplier_standards:
    (item, stage, supplier) → standard of lots of that supplier, before that of all others.
    stage_sequences: stage → its place in the order of the making.
    """

    entity: str
    places: Mapping[tuple[int, str], Place]
    standards: Mapping[tuple[str, str], Standard]
    normal_scrap_reasons: frozenset[str]
    missing_reasons: frozenset[str] = frozenset()
    supplier_standards: Mapping[tuple[str, str, str], Standard] = field(default_factory=dict)
    stage_sequences: Mapping[str, int] = field(default_factory=dict)

    def place(self, step: int, unit: str, lot: LotFacts) -> Place:
        """Where and at which stage the lot is valued. MissingStageError when nobody said."""
        if not lot.is_valued:
            return Place(Account.INVENTORY, ENGINEERING)
        if found := self.places.get((step, unit)):
            return found
        raise MissingStageError(
            f"Lot {lot.code} stands at a step that has no stage for {unit}. "
            "Add the step's stage and have it approved, then replay.",
            lot=lot.code,
            unit=unit,
        )

    def standard(self, item: str, stage: str, supplier: str) -> Standard:
        """Cost of the item at the stage, of a lot of that supplier; else of all others.

        MissingCostError when no approved version has either.
        """
        if stage == ENGINEERING:
            return Standard(ZERO)
        if own := self.supplier_standards.get((item, stage, supplier)):
            return own
        if found := self.standards.get((item, stage)):
            return found
        raise MissingCostError(
            f"There is no approved standard cost of {item} at stage {stage} on that day for lots "
            f"of {supplier}. Approve a cost version that has it, then replay.",
            item=item,
            stage=stage,
            supplier=supplier,
        )

    def value(self, position: Position, quantity: int, supplier: str) -> Decimal:
        """The quantity at standard; nothing while it is the vendor's own."""
        if position.account is Account.VENDOR_OWNED:
            return ZERO
        cost = self.standard(position.item, position.stage, supplier).unit_cost
        return worth(cost, quantity)

    def is_way_back(self, old: str, new: str) -> bool:
        """Whether the new stage comes before the old one; engineering comes before all others."""
        if ENGINEERING in {old, new}:
            return new == ENGINEERING
        return self.stage_sequences[new] < self.stage_sequences[old]

    def has_own(self, item: str, stage: str, supplier: str) -> bool:
        """Whether the supplier's lots have a standard of their own there."""
        return (item, stage, supplier) in self.supplier_standards

    def value_in(
        self, position: Position, quantity: int, supplier: str, *, is_own: bool
    ) -> Decimal:
        """The quantity at the standard that what comes of it is built on: its supplier's or that

        of all others, where there is one. is_own: whether what comes of it has the supplier's.
        """
        of_all = not is_own and (position.item, position.stage) in self.standards
        return self.value(position, quantity, "" if of_all else supplier)
