"""What happened to one serial in the books, out of what the lots that it was in have carried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from finance.domain.money import ZERO, rounded
from finance.domain.words import CARRYING, Account, LifeStep

REACHED = {
    Account.CONSTRUCTION: LifeStep.CONSTRUCTION,
    Account.FIXED_ASSET: LifeStep.ACCEPTED,
    Account.IN_TRANSIT: LifeStep.SHIPPED,
}
DRIFT = Decimal("0.0001")
"""What the rounding of shares may move when others leave the lot."""


@dataclass(frozen=True, slots=True)
class LotLeg:
    """A line of the ledger of one of its lots. event_seq: of the lots event; None for a document.

    is_correction: that event takes another one back.
    """

    transaction: int
    on: date
    event_seq: int | None
    is_correction: bool
    lot: str
    account: Account
    custodian: str
    quantity: int
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Absence:
    """From one lots event until another, if it ended, it was not its lot's.

    holder: what it was built into; "" for one that was given up.
    """

    since_seq: int
    until_seq: int | None
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """stays: the lots it was in, each from a lots event on, in order. absences: in any order."""

    stays: Sequence[tuple[int, str]]
    absences: Sequence[Absence] = ()

    def lot(self, seq: int) -> str:
        """The lot after the event; "" before it was made."""
        inside = [lot for since, lot in self.stays if since <= seq]
        return inside[-1] if inside else ""

    def absence(self, seq: int) -> Absence | None:
        """Why it is not its lot's after the event; None while it is."""
        away = (
            one
            for one in self.absences
            if one.since_seq <= seq and (one.until_seq is None or seq < one.until_seq)
        )
        return next(away, None)


@dataclass(frozen=True, slots=True)
class AssetEvent:
    """A line of its life. account, custodian: where it stands after it; "" for nowhere.

    change: of what it is carried at, which is amount from then on: its share of its lot. None for
    what the books do not know.
    """

    on: date
    step: LifeStep
    event_seq: int | None
    lot: str
    account: str
    custodian: str
    change: Decimal
    amount: Decimal | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Standing:
    lot: str
    account: str
    custodian: str
    amount: Decimal


NOWHERE = _Standing("", "", "", ZERO)
Carried = dict[str, dict[tuple[Account, str], tuple[int, Decimal]]]


def beside(step: LifeStep, on: date, event_seq: int | None, lot: str, detail: str) -> AssetEvent:
    """A line of what the books do not know: no money moves."""
    return AssetEvent(on, step, event_seq, lot, "", "", ZERO, None, detail)


def life_of(legs: Iterable[LotLeg], whereabouts: Whereabouts) -> list[AssetEvent]:
    """What changed where it stands or what it is carried at, in the order of the ledger.

    legs: of all its lots, in the order of the ledger.
    """
    carried: Carried = defaultdict(dict)
    before, seq, found = NOWHERE, 0, list[AssetEvent]()
    for _, rows in groupby(legs, key=lambda leg: leg.transaction):
        lines = list(rows)
        _carry(carried, lines)
        seq = lines[0].event_seq or seq
        after = _standing(carried, whereabouts, seq)
        if not _is_same(before, after):
            absence = whereabouts.absence(seq)
            found.append(_event(lines[0], before, after, absence, is_first=not found))
            before = after
    return found


def _is_same(before: _Standing, after: _Standing) -> bool:
    return (before.lot, before.account, before.custodian) == (
        after.lot, after.account, after.custodian,
    ) and abs(after.amount - before.amount) < DRIFT  # fmt: skip


def _carry(carried: Carried, legs: Sequence[LotLeg]) -> None:
    for leg in legs:
        if leg.account in CARRYING:
            own, key = carried[leg.lot], (leg.account, leg.custodian)
            quantity, amount = own.get(key, (0, ZERO))
            own[key] = (quantity + leg.quantity, amount + leg.amount)


def _standing(carried: Carried, whereabouts: Whereabouts, seq: int) -> _Standing:
    """Where most of its lot stands, at its share of that."""
    lot = whereabouts.lot(seq)
    rows = [(quantity, key, amount) for key, (quantity, amount) in carried.get(lot, {}).items()]
    there = [row for row in rows if row[0] > 0]
    if not there or whereabouts.absence(seq) is not None:
        return NOWHERE
    quantity, (account, custodian), amount = max(there)
    return _Standing(lot, account, custodian, rounded(amount / quantity))


def _event(
    leg: LotLeg, before: _Standing, after: _Standing, absence: Absence | None, *, is_first: bool
) -> AssetEvent:
    step = LifeStep.TAKEN_BACK if leg.is_correction else _step(before, after, absence, is_first)
    return AssetEvent(
        leg.on,
        step,
        leg.event_seq,
        after.lot or before.lot,
        after.account,
        after.custodian,
        after.amount - before.amount,
        after.amount,
        absence.holder if absence is not None and absence.holder else leg.reason,
    )


def _step(before: _Standing, after: _Standing, absence: Absence | None, is_first: bool) -> LifeStep:
    if after == NOWHERE:
        return _ending(before, absence)
    if before == NOWHERE:
        return LifeStep.BUILT if is_first else LifeStep.RETURNED
    if after.account != before.account:
        return REACHED.get(Account(after.account), LifeStep.MOVED)
    if after.custodian != before.custodian:
        return LifeStep.MOVED
    return LifeStep.REGROUPED if after.lot != before.lot else LifeStep.REVALUED


def _ending(before: _Standing, absence: Absence | None) -> LifeStep:
    if absence is not None and absence.holder:
        return LifeStep.BUILT_IN
    is_in_service = before.account == Account.FIXED_ASSET
    return LifeStep.RETIRED if is_in_service else LifeStep.SCRAPPED
