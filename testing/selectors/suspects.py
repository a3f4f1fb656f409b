"""What a tester or an oven had its hands on, for a recall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from supplychain.base.errors import MissingError
from testing.domain.words import EquipmentKind
from testing.models import BurnInRun, BurnInUnit, Equipment
from testing.sql import statement


@dataclass(frozen=True, slots=True)
class TouchedMaterial:
    """Rows of units, and of wafers that have no dies of their own yet."""

    unit_ids: tuple[int, ...] = ()
    wafer_ids: tuple[int, ...] = ()


def tested_on(tester_code: str, since: datetime, until: datetime) -> TouchedMaterial:
    """Everything in a run of the tester that was going within the window, whatever its outcome.

    MissingError for an unknown tester. Two queries.
    """
    tester = Equipment.objects.filter(kind=EquipmentKind.TESTER, code=tester_code).first()
    if tester is None:
        raise MissingError(
            f"There is no tester {tester_code}. Take its name from a test run.", tester=tester_code
        )
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"tester": tester.pk, "since": since, "until": until}
        cursor.execute(statement("material_of_runs"), asked)
        rows = cursor.fetchall()
    return TouchedMaterial(
        tuple(unit for unit, _ in rows if unit is not None),
        tuple(wafer for _, wafer in rows if wafer is not None),
    )


def burned_in(run_id: int, board: str = "", socket: str = "") -> TouchedMaterial:
    """Units of one oven load, of one board or socket of it where named.

    MissingError for an unknown load, and for a board or socket with nothing in it.
    """
    if not BurnInRun.objects.filter(pk=run_id).exists():
        raise MissingError(f"There is no burn-in run {run_id}.", load=run_id)
    units = BurnInUnit.objects.filter(run_id=run_id)
    if board:
        units = units.filter(board__code=board)
    if socket:
        units = units.filter(socket=socket)
    found = tuple(units.order_by("unit_id").values_list("unit_id", flat=True))
    if not found:
        raise MissingError(
            f"Burn-in run {run_id} has nothing on board {board or 'any'}, socket "
            f"{socket or 'any'}. Look at the run's own page.",
            load=run_id,
        )
    return TouchedMaterial(found)
