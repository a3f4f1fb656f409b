"""A partner's reports as they really come: repeated, late, stamped oddly, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.db.models import Count, Q

from intake.domain.words import RowState
from intake.models import FeedRow
from intake.services import drain
from intake.tests.handing import T0, hand_in, table
from lots.models import Lot, LotLineage
from lots.selectors.as_of import lots_as_of

COLUMNS = (
    "event_id", "occurred_at", "supplier", "verb", "lot", "product", "route", "step", "quantity",
    "unit", "wafers", "to_lot", "to", "hold_class", "reason",
)  # fmt: skip
STEPS = ("BUMP", "CP1", "CP2", "DICE", "COWOS")
REPEATED, LATE, EARLY = 0.07, 0.07, 0.03
WAFERS = 5
DRAIN_SECONDS = 3600.0
MOMENTS = tuple(T0 + timedelta(days=day) for day in range(1, 40, 2))


@dataclass(frozen=True, slots=True)
class Report:
    """Rows of one file. sent_at: when it was made."""

    sent_at: datetime
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """Where everything ended. parked: lots with rows that were not applied, and their kin.

    past: lot → where it was by time, at each of MOMENTS; "" before it was there.
    """

    lots: dict[str, tuple[object, ...]]
    past: dict[str, tuple[str, ...]]
    parked: frozenset[str]
    counts: dict[str, int]

    @property
    def open_count(self) -> int:
        """Rows that wait, or need a person."""
        return self.counts.get("waiting", 0) + self.counts.get("quarantined", 0)


def history(random: Random, count: int) -> list[dict[str, str]]:
    """So many rows that can be applied one after the other, in order of what happened."""
    rows: list[dict[str, str]] = []
    number = 0
    while len(rows) < count:
        number += 1
        rows += _life(random, f"S{number:03d}")
    return sorted(rows[:count], key=lambda row: row["occurred_at"])


def _life(random: Random, lot: str) -> list[dict[str, str]]:
    """A wafer lot on its way: moved, held, split, scrapped, merged, shipped."""
    life = _Life(random, lot)
    life.add(
        "receive", product="TRN3-DIE", route="A", step=STEPS[0], quantity=str(WAFERS),
        unit="wafer", wafers=f"1-{WAFERS}",
    )  # fmt: skip
    if random.random() < 0.5:
        life.add("hold", reason="scratch", hold_class="quality")
        life.add("release", reason="use-as-is", hold_class="quality")
    life.add("move", step=STEPS[1])
    if random.random() < 0.5:
        life.add("split", to_lot=f"{lot}.1", wafers="4-5")
        life.add("scrap", lot=f"{lot}.1", wafers="5", reason="handling")
        if random.random() < 0.5:
            life.add("merge", lot=f"{lot}.1", to_lot=lot)
        else:
            life.add("move", lot=f"{lot}.1", step=STEPS[2])
    for step in STEPS[2 : random.randint(3, 4)]:
        life.add("move", step=step)
    if random.random() < 0.4:
        life.add("scrap", wafers="1", reason="wafer-breakage")
    if random.random() < 0.3:
        life.add("ship", to="ODM1")
        life.add("arrive", supplier="ODM1", step=STEPS[4], quantity="3")
    return life.rows


class _Life:
    def __init__(self, random: Random, lot: str) -> None:
        self.random, self.lot = random, lot
        self.now = T0 + timedelta(hours=random.uniform(0, 24 * 20))
        self.rows: list[dict[str, str]] = []

    def add(self, verb: str, **words: str) -> None:
        self.now += timedelta(hours=self.random.uniform(2, 40))
        event = f"{self.lot}-{len(self.rows)}"
        row = {"event_id": event, "occurred_at": self.now.isoformat(), "supplier": "OSAT1"}
        self.rows.append({**row, "verb": verb, "lot": self.lot, **words})


def in_order(rows: list[dict[str, str]]) -> list[Report]:
    """One file a day, each row in the file of its day."""
    return _by_day([(_instant(row), row) for row in rows])


def shuffled(random: Random, rows: list[dict[str, str]]) -> list[Report]:
    """Some rows days late, some sent before they happened, some sent again; files in any order."""
    sent: list[tuple[datetime, dict[str, str]]] = []
    for row in rows:
        at, chance = _instant(row), random.random()
        if chance < LATE:
            at += timedelta(days=random.uniform(1, 6))
        elif chance < LATE + EARLY:
            at -= timedelta(hours=random.uniform(1, 30))
        sent.append((at, row))
        if random.random() < REPEATED:
            sent.append((at + timedelta(days=random.uniform(0, 4)), row))
    random.shuffle(sent)
    reports = _by_day(sent)
    random.shuffle(reports)
    return reports


def _by_day(sent: list[tuple[datetime, dict[str, str]]]) -> list[Report]:
    days: dict[datetime, list[dict[str, str]]] = {}
    for at, row in sent:
        day = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        days.setdefault(day, []).append(row)
    return [Report(day, tuple(rows)) for day, rows in sorted(days.items())]


def _instant(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["occurred_at"])


def settled(reports: list[Report], name: str) -> Balance:
    """Hand all in, work until nothing moves any more, look, and take everything back."""
    with transaction.atomic():
        for number, report in enumerate(reports):
            hand_in(table(COLUMNS, *report.rows), f"{name}-{number}.wip.csv")
            drain(seconds=DRAIN_SECONDS)
        found = _balance()
        transaction.set_rollback(True)
    return found


def _balance() -> Balance:
    rows = FeedRow.objects.order_by("state").values_list("state").annotate(count=Count("id"))
    counts = dict(rows)
    read = FeedRow.objects.count()
    assert sum(counts.values()) == read
    lots = Lot.objects.select_related("step", "custodian").annotate(
        open_holds=Count("holds", filter=Q(holds__released_at__isnull=True))
    )
    return Balance({lot.code: _stands(lot) for lot in lots}, _past(), _parked(), counts)


def _past() -> dict[str, tuple[str, ...]]:
    found = [{lot.code: lot.step for lot in lots_as_of(happened_by=at)} for at in MOMENTS]
    codes = {code for then in found for code in then}
    return {code: tuple(then.get(code, "") for then in found) for code in codes}


def _stands(lot: Lot) -> tuple[object, ...]:
    """What a lot holds, and where; one that went into another whole is nowhere any more."""
    place = (lot.step.code, lot.custodian.code) if lot.quantity else ()
    return lot.quantity, lot.unit_of_measure, lot.state, *place, lot.open_holds  # type: ignore[attr-defined]  # annotated


def _parked() -> frozenset[str]:
    left = FeedRow.objects.exclude(state__in=[RowState.APPLIED, RowState.REPEATED])
    assert not left.filter(reason="").exists(), "a row is parked without a reason"
    named = left.values_list("content__lot", "content__to_lot")
    codes = {code for pair in named for code in pair if code}
    kin = LotLineage.objects.filter(Q(parent__code__in=codes) | Q(child__code__in=codes))
    pairs = kin.values_list("parent__code", "child__code")
    return frozenset(codes | {code for pair in pairs for code in pair})


def differences(true: Balance, found: Balance) -> dict[str, tuple[object, object]]:
    """Lots that ended elsewhere though no row of theirs is parked; there must be none."""
    codes = (true.lots.keys() | found.lots.keys()) - found.parked
    told, seen = _by_code(true), _by_code(found)
    return {
        code: (told.get(code), seen.get(code))
        for code in sorted(codes)
        if told.get(code) != seen.get(code)
    }


def _by_code(balance: Balance) -> dict[str, tuple[object, ...]]:
    return {code: (*stands, balance.past.get(code)) for code, stands in balance.lots.items()}


def alike(true: Balance, found: Balance) -> float:
    """Share of lots that ended the same, parked or not."""
    same = sum(found.lots.get(code) == stands for code, stands in true.lots.items())
    return same / len(true.lots)
