"""One oven load into rows, with the hours each unit can be charged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import transaction

from lots.models import Unit
from supplychain.base.errors import ConflictError, MalformedError, MissingError, RefusedError
from testing.domain.burnin import chargeable_hours, merged_log
from testing.domain.burnin_series import Interval
from testing.domain.identity import stored_text
from testing.domain.records import BurnInRecord, BurnInUnitRecord, LogLine
from testing.domain.words import EquipmentKind
from testing.models import (
    BurnInReading,
    BurnInRequirement,
    BurnInRun,
    BurnInUnit,
    Equipment,
    LotStep,
)
from testing.selectors.oven_logs import proven_time
from testing.services.catalogue import known_equipment
from testing.services.lotsteps import locked_lot_step, mark_changed

NAMED_MAX = 10
SOCKET_CHARACTERS_MAX = 16
BATCH_ROWS = 2000


@transaction.atomic
def record_burn_in(burn_in: BurnInRecord) -> BurnInRun:
    """Record an oven load once; the same source again gives the run that stands.

    ConflictError: the source stands under another lot or step, or a unit was in another load at
    that time. RefusedError: the product has no requirement. MalformedError: a serial or socket is
    named twice. MissingError: serials we do not know, at most ten of them named. The oven is locked
    first, so that a log of its own that comes at the same time is missed by neither.
    """
    _refuse_repeats("serial", [unit.serial for unit in burn_in.units])
    _refuse_repeats("socket", [_socket(unit) for unit in burn_in.units])
    oven = locked_oven(burn_in.oven)
    lot_step = locked_lot_step(burn_in.lot_id, burn_in.step_id)
    standing = BurnInRun.objects.filter(source_sha256=burn_in.source_sha256).first()
    if standing is not None:
        return _same_place(standing, lot_step)
    requirement = _requirement(lot_step)
    log = merged_log(burn_in.log)
    run = BurnInRun.objects.create(
        lot_step=lot_step,
        requirement=requirement,
        oven=oven,
        source_sha256=burn_in.source_sha256,
        started_at=burn_in.started_at,
        finished_at=burn_in.finished_at,
        chargeable_hours=0,
    )
    _record_log(run, log)
    intervals = proven_time(run)
    run.chargeable_hours = chargeable_hours(intervals, run.started_at, run.finished_at)
    run.save(update_fields=["chargeable_hours"])
    _record_units(run, burn_in, intervals)
    mark_changed(lot_step, burn_in.started_at)
    return run


def locked_oven(code: str) -> Equipment:
    """The oven of this name until the transaction ends; ovens are locked before lot steps."""
    oven = known_equipment(EquipmentKind.OVEN, code)
    return Equipment.objects.select_for_update(no_key=True).get(pk=oven.pk)


def _same_place(standing: BurnInRun, lot_step: LotStep) -> BurnInRun:
    if standing.lot_step_id != lot_step.pk:
        raise ConflictError(
            f"This log was recorded before, under {standing.lot_step}. "
            "Match it to the same lot and step.",
            source_sha256=standing.source_sha256,
        )
    return standing


def _requirement(lot_step: LotStep) -> BurnInRequirement:
    product = lot_step.lot.product
    codes = ("", lot_step.step.code)
    fitting = product.burn_in_requirements.filter(step_code__in=codes)
    requirement = fitting.order_by("-step_code", "-version").first()
    if requirement is None:
        raise RefusedError(
            f"Product {product.code} has no burn-in requirement. Add one, then load the log again.",
            product=product.code,
        )
    return requirement


def _record_log(run: BurnInRun, log: Sequence[LogLine]) -> None:
    BurnInReading.objects.bulk_create(
        (
            BurnInReading(
                run=run,
                measured_at=line.measured_at,
                temperature_celsius=line.temperature_celsius,
                voltage=line.voltage,
            )
            for line in log
        ),
        batch_size=BATCH_ROWS,
    )


def _record_units(run: BurnInRun, burn_in: BurnInRecord, intervals: Sequence[Interval]) -> None:
    units = _units_by_serial({record.serial for record in burn_in.units})
    _refuse_overlap(burn_in.units, units)
    boards = _boards({record.board for record in burn_in.units})
    BurnInUnit.objects.bulk_create(
        (
            BurnInUnit(
                run=run,
                unit_id=units[record.serial],
                board=boards[record.board],
                socket=stored_text(record.socket, SOCKET_CHARACTERS_MAX),
                inserted_at=record.inserted_at,
                removed_at=record.removed_at,
                chargeable_hours=chargeable_hours(intervals, record.inserted_at, record.removed_at),
                outcome=record.outcome,
            )
            for record in burn_in.units
        ),
        batch_size=BATCH_ROWS,
    )


def _refuse_overlap(records: Sequence[BurnInUnitRecord], units: Mapping[str, int]) -> None:
    """A unit is in one socket at a time: the same hours in two logs are never charged twice."""
    loads: dict[int, list[BurnInUnit]] = {}
    for load in BurnInUnit.objects.filter(unit__in=units.values()).select_related("run"):
        loads.setdefault(load.unit_id, []).append(load)
    taken = [
        record.serial
        for record in records
        for load in loads.get(units[record.serial], [])
        if load.inserted_at < record.removed_at and record.inserted_at < load.removed_at
    ]
    if taken:
        raise ConflictError(
            f"{len(taken)} units were in another oven load at that time, such as {taken[0]}. "
            "This log may be another copy of one that is here; ask the sender which counts.",
            serials=taken[:NAMED_MAX],
        )


def _socket(record: BurnInUnitRecord) -> str:
    return f"{record.board}/{stored_text(record.socket, SOCKET_CHARACTERS_MAX)}"


def _refuse_repeats(name: str, values: Sequence[str]) -> None:
    if twice := sorted(value for value, count in Counter(values).items() if count > 1):
        raise MalformedError(f"{name} {twice[0]} is named twice.", field=name)


def _units_by_serial(serials: set[str]) -> dict[str, int]:
    units = dict(Unit.objects.filter(serial__in=serials).order_by().values_list("serial", "id"))
    unknown = sorted(serials - units.keys())
    if unknown:
        raise MissingError(
            f"{len(unknown)} units are not known here, such as {unknown[0]}. "
            "Load their assembly report first.",
            serials=unknown[:NAMED_MAX],
        )
    return units


def _boards(codes: set[str]) -> dict[str, Equipment]:
    return {code: known_equipment(EquipmentKind.BURN_IN_BOARD, code) for code in sorted(codes)}
