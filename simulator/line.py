"""The whole line: plans, lots, systems and planted causes, as files and a truth beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulator.desk import Desk
from simulator.floor import Floor
from simulator.outbox import Outbox, stamp
from simulator.package_lots import OPEN_BETA, run_package_lot
from simulator.plan import (
    chip_purchases,
    package_plans,
    switch_purchases,
    system_models,
    system_purchases,
    wafer_plans,
)
from simulator.programs import FT_COLD, PROGRAMS
from simulator.purchases import run_purchase
from simulator.systems import run_system
from simulator.truth import Cause, Effect, Revision, Truth
from simulator.wafer_lots import WaferPlan, run_wafer_lot

CHIP_COUNT_MIN = 60
HELD_BEFORE_END = timedelta(hours=27)
RELEASED_DAYS = 300
FILES = "files"
TRUTH = "truth.json"


def simulate(*, seed: int, chip_count: int, end_at: datetime, out: Path) -> Truth:
    """Write the line's files below out/files and what was planted to out/truth.json.

    The same seed, chip_count and end_at give the same bytes. Files sort by name as they arrived.
    ValueError for fewer than 60 chips or a naive end_at; FileExistsError if out has a line already.
    """
    if chip_count < CHIP_COUNT_MIN:
        raise ValueError(f"A line has {CHIP_COUNT_MIN} chips or more, not {chip_count}.")
    if end_at.utcoffset() is None:
        raise ValueError("end_at needs a time zone offset.")
    if (out / FILES).exists():
        raise FileExistsError(f"{out} holds a simulated line already; choose another folder.")
    end_at = end_at.astimezone(UTC).replace(microsecond=0)
    outbox = Outbox(out / FILES, end_at)
    truth = Truth(seed, chip_count, stamp(end_at))
    floor = Floor(seed, outbox, Desk(seed, outbox), truth)
    _run(floor, chip_count)
    outbox.send_reports()
    _count(floor)
    (out / TRUTH).write_text(json.dumps(truth.content(), indent=1) + "\n")
    return truth


def arrivals(out: Path) -> list[Path]:
    """The line's files in order of arrival."""
    return sorted((path for path in (out / FILES).rglob("*") if path.is_file()), key=_name)


def _name(path: Path) -> str:
    return path.name


def _run(floor: Floor, chip_count: int) -> None:
    wafers = wafer_plans(chip_count)
    for wafer_plan in wafers:
        run_wafer_lot(floor, wafer_plan)
    floor.banks.sort(key=lambda bank: (bank.available_at, bank.lot))
    for package_plan in package_plans(chip_count):
        run_package_lot(floor, package_plan)
    for purchase in [*chip_purchases(chip_count), *system_purchases()]:
        run_purchase(floor, purchase)
    _build_systems(floor, chip_count)
    _confess_stale(floor, wafers)
    _confess_yield(floor)
    _hold_late(floor, wafers[0].code)
    _name_revisions(floor)


def _build_systems(floor: Floor, chip_count: int) -> None:
    lots = switch_purchases(chip_count)
    switches = {plan.code: run_purchase(floor, plan) for plan in lots}
    oldest = lots[0].code
    for number, model in enumerate(system_models(chip_count), 1):
        taken = [switches[oldest].pop(0) for _ in range(model.switch_count)]
        if not run_system(floor, model, number, (oldest, taken)):
            return


def _confess_stale(floor: Floor, plans: Iterable[WaferPlan]) -> None:
    for plan in plans:
        if plan.feature == "stale":
            at = floor.days_ago(plan.age_days)
            where = f"Lot at {plan.step} for {plan.age_days:.0f} days"
            floor.truth.causes.append(
                Cause("stale-lot", "stale-wip", plan.code, plan.step, stamp(at), where)
            )


def _confess_yield(floor: Floor) -> None:
    """Good dies are 0.57 to 0.61 of all; who values them at twice the cost of a die plans 0.5."""
    floor.truth.causes.append(
        Cause(
            "yield-above-plan",
            "cost-variance",
            "",
            "DICE",
            stamp(floor.days_ago(RELEASED_DAYS)),
            "More good dies from every wafer than the half that standard costs plan",
        )
    )


def _hold_late(floor: Floor, lot: str) -> None:
    """The fab stops the oldest lot when chips of it are at work already."""
    at = (floor.end_at - HELD_BEFORE_END).replace(microsecond=0)
    floor.desk.tell(
        "tsmc",
        "hold",
        lot,
        at,
        hold_class="quality",
        reason="Etch chamber found out of control",
        comment="All wafers of the lot passed the chamber.",
    )
    floor.truth.causes.append(
        Cause(
            "late-hold",
            "deployed-from-held-lot",
            lot,
            "DICE",
            stamp(at),
            "Hold by the fab after chips of the lot were built, shipped and placed in racks",
            (Effect("stale-wip", lot),),
        )
    )


def _name_revisions(floor: Floor) -> None:
    released_at = stamp(floor.days_ago(RELEASED_DAYS))
    found = [
        Revision(program.product, program.step, program.code, program.revision, released_at)
        for program in PROGRAMS
    ]
    beta = Revision(FT_COLD.product, FT_COLD.step, FT_COLD.code, OPEN_BETA, "")
    floor.truth.revisions.extend([*found, beta])


def _count(floor: Floor) -> None:
    outbox, desk, truth = floor.outbox, floor.desk, floor.truth
    truth.lots.sort()
    truth.causes.sort(key=lambda cause: cause.id)
    truth.figures = {
        **dict(sorted(floor.figures.items())),
        **{f"{verb}_rows": count for verb, count in sorted(desk.verbs.items())},
        "wip_rows": desk.row_count,
        "repeated_rows": desk.repeat_count,
        "lots": len(truth.lots),
        "files": outbox.file_count,
        "bytes": outbox.byte_count,
    }
