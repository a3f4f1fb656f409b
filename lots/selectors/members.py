"""Which units and wafers a lot had, as known at an event of the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from lots.domain.members import Birth, Member, Parting, Stay, lots_of_members, stays_of
from lots.domain.words import Verb
from lots.models import Lot, Unit, Wafer
from supplychain.base.errors import MissingError

_SQL = Path(__file__).resolve().parent.parent / "sql"
_PARTINGS = (_SQL / "lots_partings.sql").read_text()
_BIRTHS = (_SQL / "lots_births.sql").read_text()


@dataclass(frozen=True, slots=True)
class Members:
    """Ids of units and wafers, rising. lot_id: of the lot they were in."""

    lot_id: int
    unit_ids: tuple[int, ...]
    wafer_ids: tuple[int, ...]


def lot_members(lot: Lot, seq: int) -> Members:
    """What was in the lot when the ledger was at the event. Two queries."""
    there = _where(lot.pk, seq)
    return _members(lot.pk, (member for member, at in there.items() if at == lot.pk))


def wafer_members(wafer: Wafer, seq: int) -> Members:
    """The wafer and every unit made of lots it was in, with the lot it was in. Two queries.

    MissingError for a wafer that was not there.
    """
    there = _where(wafer.lot_id, seq)
    lot_id = there.get(Member(is_wafer=True, id=wafer.pk))
    if lot_id is None:
        raise MissingError(f"Wafer {wafer.code} was not there then. Ask for another moment.")
    return _members(lot_id, there)


def stays_of_unit(unit: Unit, seq: int) -> list[Stay]:
    """The lots that the unit was in up to the event, in order; none before it was made.

    Two queries.
    """
    if unit.lot_id is None:
        return []
    births, partings = _told([unit.lot_id], seq, [unit.pk])
    return stays_of(max(births, key=lambda birth: birth.seq), partings) if births else []


def lots_of_units(serials: Iterable[str], seq: int) -> dict[str, Lot]:
    """Serial → the lot that the unit was in at the event; none before it was made. Four queries."""
    units = Unit.objects.filter(serial__in=set(serials), lot__isnull=False)
    known = {
        pk: (serial, lot_id) for pk, serial, lot_id in units.values_list("pk", "serial", "lot")
    }
    told = _told(sorted({lot_id for _, lot_id in known.values()}), seq, list(known))
    there = lots_of_members(*told)
    lots = Lot.objects.select_related("product").in_bulk(set(there.values()))
    return {known[member.id][0]: lots[lot_id] for member, lot_id in there.items()}


def _members(lot_id: int, members: Iterable[Member]) -> Members:
    known = sorted(members)
    return Members(
        lot_id,
        tuple(member.id for member in known if not member.is_wafer),
        tuple(member.id for member in known if member.is_wafer),
    )


def _where(lot_id: int, seq: int) -> dict[Member, int]:
    """Member → lot, of all that came to be in the lot or in one that it came from."""
    return lots_of_members(*_told([lot_id], seq))


def _told(
    lot_ids: Sequence[int], seq: int, unit_ids: Sequence[int] | None = None
) -> tuple[list[Birth], list[Parting]]:
    """Of these lots and all they came from: of every unit and wafer, or of the units named."""
    rows = _rows(_PARTINGS, lot_ids=lot_ids, seq=seq)
    family = sorted({row[0] for row in rows})
    births = [
        Birth(born, lot, Member(is_wafer=is_wafer, id=pk), number)
        for is_wafer, pk, born, lot, number in _rows(
            _BIRTHS, lot_ids=family, seq=seq, unit_ids=unit_ids
        )
    ]
    return births, [_parting(*row) for row in rows if row[1] is not None]


def _parting(
    from_id: int, to_id: int, seq: int, verb: str, payload: str, unit_ids: list[int]
) -> Parting:
    """As the event tells it. A bin by a bare count of what has names takes all of it."""
    told = json.loads(payload)
    return Parting(
        seq,
        from_id,
        to_id,
        takes_all=verb == Verb.MERGE or (verb == Verb.BIN and told.get("quantity") is not None),
        numbers=frozenset(int(number) for number in told.get("wafers") or ()),
        unit_ids=frozenset([*unit_ids, *(told.get("unit_ids") or ())]),
    )


def _rows(statement: str, **asked: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
