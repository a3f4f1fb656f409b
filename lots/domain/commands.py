"""What callers ask for: one frozen record per wish, checked for shape when made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lots.domain.bins import BIN_MAX, Bins
from lots.domain.serials import WAFER_NUMBER_MAX
from lots.domain.words import (
    HoldClass,
    HoldScope,
    LotKind,
    LotPurpose,
    Source,
    Trust,
    UnitOfMeasure,
)
from supplychain.base.errors import MalformedError

QUANTITY_MAX = 10_000_000
MATERIALS_MAX = 100
"""Lots that one assembly takes parts without serials from."""
COORDINATE_MAX = 10_000
YEAR_MIN, YEAR_MAX = 1990, 2190


@dataclass(frozen=True, slots=True)
class Command:
    """Who asks, when it happened, and by which key a repeat is recognised.

    expected_version: the version of the lot the caller looked at; None = any.
    asked_sha256: of what was asked in the caller's own words, where a door takes them; a repeat is
    then recognised by those, whatever has become of the things they name. "" = by the verb's wish.
    """

    op_key: str
    occurred_at: datetime
    source: Source
    actor_id: int | None = None
    source_reference: str = ""
    request_id: str = ""
    reason: str = ""
    comment: str = ""
    expected_version: int | None = None
    corrects_id: UUID | None = None
    asked_sha256: str = ""

    def __post_init__(self) -> None:
        if not self.op_key.strip():
            raise MalformedError(
                "An operation needs a key; give it one of your own.", field="op_key"
            )
        if self.occurred_at.utcoffset() is None:
            raise MalformedError("occurred_at needs a time zone offset.", field="occurred_at")
        if not YEAR_MIN <= self.occurred_at.year <= YEAR_MAX:
            raise MalformedError("occurred_at is not of this age.", field="occurred_at")
        for name, limit in [("op_key", 200), ("source_reference", 200), ("request_id", 64)]:
            check_text(name, getattr(self, name), limit)
        check_text("reason", self.reason, 64)
        check_text("comment", self.comment, 10_000)


@dataclass(frozen=True, slots=True)
class Declaration:
    """Where a vendor says one serial comes from."""

    serial: str
    lot: str = ""
    wafer: str = ""

    def __post_init__(self) -> None:
        check_serial(self.serial)
        check_text("declared lot", self.lot, 64)
        check_text("declared wafer", self.wafer, 64)


@dataclass(frozen=True, slots=True)
class LotOrder:
    """A new lot. wafers: numbers 1 to 99, coded `<lot>-<nn>`; wafer_codes: scribes of another rule.

    serials: units to create, of the product's kind; declarations: their origin as declared.
    """

    code: str
    kind: LotKind
    product_code: str
    route_code: str
    step_code: str
    custodian_code: str
    unit_of_measure: UnitOfMeasure
    quantity: int
    purpose: LotPurpose = LotPurpose.PRODUCTION
    wafers: tuple[int, ...] = ()
    wafer_codes: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    trust: Trust = Trust.SEEN
    due_on: date | None = None
    is_hot: bool = False
    customer: str = ""

    def __post_init__(self) -> None:
        check_code(self.code)
        check_text("customer", self.customer, 120)
        check_quantity("quantity", self.quantity)
        for code in self.wafer_codes:
            check_code(code)
        if not all(1 <= number <= WAFER_NUMBER_MAX for number in self.wafers):
            raise MalformedError(f"Wafers are numbered 1 to {WAFER_NUMBER_MAX}.", field="wafers")
        for serial in self.serials:
            check_serial(serial)
        refuse_repeats("wafers", [*self.wafers, *self.wafer_codes])
        refuse_repeats("serials", self.serials)
        refuse_repeats("declarations", [one.serial for one in self.declarations])


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """A stop: why, for whom to decide, until when, and on what of the lot.

    scope wafer: `wafers`; scope unit: `serials`; scope bin: `bin_number`, and `serials` where not
    every unit of the lot is meant whose newest result is of that hard bin.
    releasing_role_id: the group whose members may release it; None = whoever may release.
    """

    hold_class: HoldClass
    reason: str
    owner_id: int | None = None
    due_on: date | None = None
    scope: HoldScope = HoldScope.LOT
    wafers: tuple[int, ...] = ()
    serials: tuple[str, ...] = ()
    bin_number: int | None = None
    releasing_role_id: int | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise MalformedError("A hold needs a reason.", field="reason")
        check_text("reason", self.reason, 200)
        for serial in self.serials:
            check_serial(serial)
        refuse_repeats("wafers", self.wafers)
        refuse_repeats("serials", self.serials)
        self._refuse_mismatch()

    def _refuse_mismatch(self) -> None:
        is_named_bin = self.scope is HoldScope.BIN and bool(self.serials)
        for name, is_given, is_wanted in [
            ("wafers", bool(self.wafers), self.scope is HoldScope.WAFER),
            ("serials", bool(self.serials), self.scope is HoldScope.UNIT or is_named_bin),
            ("bin_number", self.bin_number is not None, self.scope is HoldScope.BIN),
        ]:
            if is_given != is_wanted:
                verb = "needs" if is_wanted else "takes no"
                raise MalformedError(f"A hold of scope {self.scope} {verb} {name}.", field=name)
        if self.bin_number is not None and not 0 <= self.bin_number <= BIN_MAX:
            raise MalformedError(f"bin_number must be from 0 to {BIN_MAX:,}.", field="bin_number")


@dataclass(frozen=True, slots=True)
class Selection:
    """Part of a lot, said in exactly one way: how many, which wafers, serials, or bins.

    bins: the units whose deciding result at the step where the lot was tested last is in them.
    """

    quantity: int | None = None
    wafers: tuple[int, ...] = ()
    serials: tuple[str, ...] = ()
    bins: Bins | None = None

    def __post_init__(self) -> None:
        ways = [self.quantity is not None, bool(self.wafers), bool(self.serials), bool(self.bins)]
        if sum(ways) != 1:
            raise MalformedError("Name a quantity, or wafers, serials or bins: exactly one.")
        if self.quantity is not None and self.quantity < 1:
            raise MalformedError("quantity must be 1 or more.", field="quantity")
        for serial in self.serials:
            check_serial(serial)
        refuse_repeats("wafers", self.wafers)
        refuse_repeats("serials", self.serials)

    def told(self) -> dict[str, object]:
        """As plain values. Bins only where they are named: older keys answer as they did before."""
        named: dict[str, object] = {
            "quantity": self.quantity,
            "wafers": self.wafers,
            "serials": self.serials,
        }
        if self.bins is not None:
            named |= {"bins": self.bins.numbers, "bin_kind": str(self.bins.kind)}
        return named


@dataclass(frozen=True, slots=True)
class DieOrder:
    """One die to be cut: its wafer, its place in die steps, and whether sort passed it."""

    wafer_number: int
    x: int
    y: int
    is_good: bool

    def __post_init__(self) -> None:
        if max(abs(self.x), abs(self.y)) > COORDINATE_MAX:
            raise MalformedError(f"{self.x}, {self.y} is on no wafer.", field="dies")


@dataclass(frozen=True, slots=True)
class Part:
    """A serialised part and the place it takes."""

    serial: str
    position: str

    def __post_init__(self) -> None:
        check_serial(self.serial)
        if not self.position.strip():
            raise MalformedError(f"Part {self.serial} needs a position.", field="position")
        check_text("position", self.position, 32)


@dataclass(frozen=True, slots=True)
class Build:
    """One thing built, and the serialised parts in it."""

    serial: str
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        check_serial(self.serial)
        refuse_repeats(f"positions of {self.serial}", [part.position for part in self.parts])


@dataclass(frozen=True, slots=True)
class Material:
    """How many parts without serials were taken from a lot of them."""

    lot_code: str
    quantity: int

    def __post_init__(self) -> None:
        check_code(self.lot_code)
        check_quantity("quantity", self.quantity)
        if self.quantity == 0:
            raise MalformedError(
                f"Nothing was taken from lot {self.lot_code}; leave it out.", field="quantity"
            )


@dataclass(frozen=True, slots=True)
class AssemblyOrder:
    """What was built, into which lot: a new one, or one that stands at the same step.

    materials: parts that the bill takes without serials, where it is known which lots gave them.
    """

    lot_code: str
    product_code: str
    route_code: str
    step_code: str
    custodian_code: str
    builds: tuple[Build, ...]
    purpose: LotPurpose = LotPurpose.PRODUCTION
    materials: tuple[Material, ...] = ()

    def __post_init__(self) -> None:
        check_code(self.lot_code)
        if not self.builds:
            raise MalformedError("Nothing was built; name at least one serial.", field="builds")
        refuse_repeats("serials", [build.serial for build in self.builds])
        refuse_repeats("parts", [part.serial for build in self.builds for part in build.parts])
        refuse_repeats("materials", [material.lot_code for material in self.materials])
        if len(self.materials) > MATERIALS_MAX:
            raise MalformedError(
                f"Name at most {MATERIALS_MAX} lots of material.", field="materials"
            )


def check_text(name: str, text: str, limit: int) -> None:
    """MalformedError when longer than limit characters or holding null or half a surrogate pair."""
    if len(text) > limit:
        raise MalformedError(f"{name} is longer than {limit} characters.", field=name)
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise MalformedError(f"{name} contains a character that is no text.", field=name)


def check_quantity(name: str, quantity: int) -> None:
    """MalformedError unless from 0 to QUANTITY_MAX."""
    if not 0 <= quantity <= QUANTITY_MAX:
        raise MalformedError(f"{name} must be from 0 to {QUANTITY_MAX:,}.", field=name)


def check_code(code: str) -> None:
    """MalformedError unless a lot or wafer code: 1 to 64 characters, no space around."""
    if not code or code != code.strip():
        raise MalformedError(f"{code!r} is no code; leave no space around it.", field="code")
    check_text("code", code, 64)


def check_serial(serial: str) -> None:
    """MalformedError unless a serial: 1 to 80 characters, no space around."""
    if not serial or serial != serial.strip():
        raise MalformedError(f"{serial!r} is no serial; leave no space around it.", field="serial")
    check_text("serial", serial, 80)


def refuse_repeats(name: str, values: Sequence[object]) -> None:
    """MalformedError naming the first value that comes twice."""
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise MalformedError(f"{name}: {value} is named twice.", field=name)
        seen.add(value)
