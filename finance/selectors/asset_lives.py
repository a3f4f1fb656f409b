"""The life of one serial: construction, acceptance, moves, swaps of its parts, retirement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Q

from finance.domain.asset_lives import (
    Absence,
    AssetEvent,
    LotLeg,
    Whereabouts,
    beside,
    life_of,
)
from finance.domain.days import plant_day
from finance.domain.queries import SEQ_MAX
from finance.domain.registering import STATES
from finance.domain.words import CARRYING, Account, AssetState, LifeStep
from finance.models import LedgerEntry
from finance.selectors.asset_places import placings
from finance.selectors.calendar import entity
from lots.domain.words import UnitKind, Verb
from lots.models import Event, Genealogy, Lot, Unit
from lots.selectors import containers_of, units_below
from lots.selectors.members import stays_of_unit
from supplychain.base.errors import MissingError

HOUSES = [UnitKind.BOARD, UnitKind.SLED, UnitKind.SERVER, UnitKind.SWITCH, UnitKind.SYSTEM]
GIVEN_UP = (Verb.SCRAP, Verb.LOSS, Verb.TRACK_OUT)


@dataclass(frozen=True, slots=True)
class AssetLife:
    """events: by day; their changes come to what it is carried at.

    last: of the ledger, where it stands in the books, and at what. state: None while it is neither
    under construction, in service nor retired.
    """

    unit: Unit
    state: AssetState | None
    last: AssetEvent
    events: list[AssetEvent]


def asset_life(serial: str) -> AssetLife:
    """What the books and the racks know of the serial.

    MissingError for an unknown serial, and for one that never was an asset by itself.
    """
    unit = Unit.objects.select_related("product", "lot").filter(serial=serial).first()
    if unit is None:
        raise MissingError(f"There is no serial {serial}.", serial=serial)
    booked = _booked(unit)
    reached = {one.account for one in booked} & {Account.CONSTRUCTION, Account.FIXED_ASSET}
    if not reached:
        raise MissingError(_no_asset(unit), serial=serial)
    inside = [unit, *units_below([unit.pk], HOUSES)]
    zone = ZoneInfo(entity().time_zone)
    events = [*booked, *_swaps(inside, zone), *placings(inside, zone)]
    last = booked[-1]
    return AssetLife(unit, _state(last), last, sorted(events, key=lambda one: one.on))


def _no_asset(unit: Unit) -> str:
    told = f"{unit} was never under construction or in service by itself."
    holders = containers_of(unit)
    return f"{told} Look at {holders[-1].unit}, which it is built into." if holders else told


def _state(last: AssetEvent) -> AssetState | None:
    if last.step is LifeStep.RETIRED:
        return AssetState.RETIRED
    return STATES.get(Account(last.account)) if last.account else None


def _booked(unit: Unit) -> list[AssetEvent]:
    stays = stays_of_unit(unit, SEQ_MAX)
    codes = dict(
        Lot.objects.filter(pk__in={stay.lot_id for stay in stays}).values_list("pk", "code")
    )
    whereabouts = Whereabouts(
        [(stay.seq, codes[stay.lot_id]) for stay in stays],
        [*_built_in(unit), *_given_up(unit, codes)],
    )
    return life_of(_legs(codes.values()), whereabouts)


def _built_in(unit: Unit) -> list[Absence]:
    edges = Genealogy.objects.filter(child=unit).values_list(
        "opened_by__seq", "closed_by__seq", "parent__serial"
    )
    return [Absence(*edge) for edge in edges]


def _given_up(unit: Unit, lots: Iterable[int]) -> list[Absence]:
    named = Q(payload__unit_ids__contains=[unit.pk])
    named |= Q(payload__losses__contains=[{"unit_ids": [unit.pk]}])
    events = Event.objects.filter(named, lot__in=list(lots), verb__in=GIVEN_UP)
    return [Absence(*row) for row in events.values_list("seq", "corrections__seq")]


def _legs(lots: Iterable[str]) -> list[LotLeg]:
    rows = list(
        LedgerEntry.objects.filter(lot__in=list(lots), account__in=CARRYING).order_by("seq")
    )
    seqs = {row.source_seq for row in rows if row.source_seq is not None}
    corrections = set(
        Event.objects.filter(seq__in=seqs, verb=Verb.CORRECT).values_list("seq", flat=True)
    )
    return [
        LotLeg(
            row.transaction,
            row.effective_on,
            row.source_seq,
            row.source_seq in corrections,
            row.lot_id or "",
            Account(row.account),
            row.custodian_id,
            row.quantity,
            row.amount,
            row.reason,
        )
        for row in rows
    ]


def _swaps(inside: Iterable[Unit], zone: ZoneInfo) -> list[AssetEvent]:
    """Parts exchanged in it, at any depth: it keeps its value."""
    edges = Genealogy.objects.filter(parent__in=list(inside), closed_by__verb=Verb.SWAP)
    rows = edges.values_list(
        "closed_by__seq", "closed_by__lot__code", "closed_by__occurred_at", "closed_by__payload"
    ).order_by("closed_by__seq")
    return [
        beside(
            LifeStep.SWAPPED, plant_day(at, zone), seq, lot,
            f"{told['removed']} out, {told['installed']} in, at {told['position']} of "
            f"{told['parent']}",
        )
        for seq, lot, at, told in rows
    ]  # fmt: skip
