"""Where suspect material is now: one walk from the suspects up, counted in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

from lots.domain.words import HoldScope
from lots.models import Lot, Unit, Wafer
from lots.selectors.bins import serials_in_bin
from operations.domain.recalls import AffectedSystem, Exposure, Share
from operations.domain.words import Place

SQL = Path(__file__).resolve().parent.parent / "sql"
DEPTH_MAX = 12


@dataclass(frozen=True, slots=True)
class Suspects:
    """Rows a recall starts from. wafer_ids: whole wafers, diced or not."""

    lot_ids: Sequence[int] = ()
    wafer_ids: Sequence[int] = ()
    unit_ids: Sequence[int] = ()

    @property
    def parameters(self) -> dict[str, Any]:
        """As the statements take them."""
        return {
            "lot_ids": list(self.lot_ids),
            "wafer_ids": list(self.wafer_ids),
            "unit_ids": list(self.unit_ids),
            "depth_max": DEPTH_MAX,
            "case": None,
        }


def exposure_of_lots(lot_ids: Sequence[int]) -> Exposure:
    """What a stop of these lots would reach downstream. One query."""
    return exposure_of(Suspects(lot_ids=lot_ids))


def exposure_of_hold(lots: Sequence[Lot], answers: Mapping[str, Any]) -> Exposure:
    """What a hold would reach, as its form was answered: the lots, or the parts of one it names.

    A bin alone names the units that fell in it last.
    """
    ids = [lot.pk for lot in lots]
    wafers, serials = answers.get("wafers"), list(answers.get("serials") or ())
    scope = answers.get("scope", HoldScope.LOT)
    if scope == HoldScope.WAFER and wafers:
        named = Wafer.objects.filter(lot__in=ids, number__in=wafers)
        return exposure_of(Suspects(wafer_ids=list(named.values_list("id", flat=True))))
    if scope == HoldScope.BIN and not serials:
        serials = [serial for lot in lots for serial in serials_in_bin(lot, answers["bin_number"])]
    if scope in {HoldScope.UNIT, HoldScope.BIN}:
        units = Unit.objects.filter(lot__in=ids, serial__in=serials)
        return exposure_of(Suspects(unit_ids=list(units.values_list("id", flat=True))))
    return exposure_of_lots(ids)


def exposure_of(suspects: Suspects) -> Exposure:
    """Everything that traces to the suspects, by where it is now. One query."""
    with connection.cursor() as cursor:
        cursor.execute(statement("recall_exposure"), suspects.parameters)
        rows = cursor.fetchall()
    shares, systems = [], []
    for place, kind, serial, customer, site, rack, lot, step, _, quantity, chips in rows:
        if serial:
            is_deployed = bool(site)
            systems.append(AffectedSystem(serial, quantity, rack, site, customer, is_deployed))
        else:
            share = Share(Place(place), kind, quantity, step, rack, site, customer, lot, chips)
            shares.append(share)
    return Exposure(tuple(shares), tuple(systems))


@cache
def statement(name: str) -> str:
    """A statement over what the suspects reach."""
    return f"{(SQL / 'recall_reach.sql').read_text()}{(SQL / f'{name}.sql').read_text()}"
