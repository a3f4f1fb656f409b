"""What a fleet went through: sort by wafer, final test and burn-in of every chip, and yields."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from benchmarks.lots.fleet_rows import (
    BOARDS,
    CHIPS,
    DIES_A_LOT,
    FIRST,
    LOTS,
    OVENS,
    SOCKETS,
    TESTERS,
    WAFER_LOTS,
    WAFERS,
    Catalogue,
    Group,
    Rows,
)

HOURS = timedelta(hours=10)
FIRST_PASS_SHARE = 50  # one unit in so many passes at its second insertion only


def add(rows: Rows, group: Group, catalogue: Catalogue) -> None:
    """Runs by lot; each on a tester and in an oven of its turn."""
    for number in range(WAFER_LOTS):
        _add_sort(rows, group, catalogue, number)
    for number in range(2 * WAFER_LOTS):
        lot = WAFER_LOTS + number
        packages = [p for p in range(CHIPS) if group.unit_lot(p) == group.lots + lot]
        _add_final_test(rows, group, catalogue, lot, packages)
        _add_burn_in(rows, group, catalogue, lot, packages)


def lot_step(group: Group, lot: int, *, is_burn_in: bool = False) -> int:
    """Its id; also that of the one run or oven load there."""
    return FIRST + (group.number * LOTS + lot) * 2 + is_burn_in


def started_at(group: Group, lot: int) -> str:
    return (group.at + timedelta(days=120, hours=lot)).isoformat()


def finished_at(group: Group, lot: int) -> str:
    return (group.at + timedelta(days=120, hours=lot) + HOURS).isoformat()


def tester(group: Group, lot: int) -> int:
    """Place in the catalogue's testers."""
    return (group.number * LOTS + lot) % TESTERS


def oven(group: Group, lot: int) -> int:
    return (group.number * LOTS + lot) % OVENS


def _add_sort(rows: Rows, group: Group, catalogue: Catalogue, lot: int) -> None:
    step, at, end = lot_step(group, lot), started_at(group, lot), finished_at(group, lot)
    _add_run(rows, group, catalogue, lot, "CP1", DIES_A_LOT)
    rows["testing_runwafer"] += [
        f"{step}\t{group.wafers + lot * WAFERS + wafer}\t{at}\t{end}\n" for wafer in range(WAFERS)
    ]


def _add_run(
    rows: Rows, group: Group, catalogue: Catalogue, lot: int, code: str, count: int
) -> None:
    step, at, end = lot_step(group, lot), started_at(group, lot), finished_at(group, lot)
    first = count - count // FIRST_PASS_SHARE
    rows["testing_lotstep"].append(
        f"{step}\t{group.lots + lot}\t{catalogue.steps['A', code].pk}\t1\t{at}\tlast-v1\t"
        f"{2 * count - first}\t{count}\t{first}\t{count}\t{count - first}\t{count - first}\n"
    )
    rows["testing_run"].append(
        f"{step}\t{step}\t{catalogue.revision}\t{catalogue.testers[tester(group, lot)]}\t"
        f"{sha256(f'run {step}'.encode()).hexdigest()}\t{group.name}-{lot}.stdf\t\t{at}\t{end}\t"
        f"f\t0\t{2 * count - first}\t{count}\t{first}\t{count}\n"
    )
    rows["quality_yieldfigure"].append(
        f"{step}\tlot\t\t1\tlast-v1\t{count}\t{first}\t{count}\t{count - first}\t{count - first}\t"
        f"{first / count}\t1\t{{}}\t{at}\tt\n"
    )


def _add_final_test(
    rows: Rows, group: Group, catalogue: Catalogue, lot: int, packages: list[int]
) -> None:
    step, lines = lot_step(group, lot), rows["testing_unitresult"]
    _add_run(rows, group, catalogue, lot, "FT-HOT", len(packages))
    for index, package in enumerate(packages):
        serial = f"{group.name}P{package:04d}"
        head = f"{step}\t{step}\t{group.packages + package}\t{serial}\t{serial}"
        again = index % FIRST_PASS_SHARE == 0
        if again:
            lines.append(f"{head}\t{len(packages) + index}\t1\tt\tf\tfail\t5\t5\t1\t1\t8\n")
        attempt = "2\tf\tt" if again else "1\tt\tt"
        lines.append(f"{head}\t{index}\t{attempt}\tpass\t1\t1\t1\t1\t0\n")


def _add_burn_in(
    rows: Rows, group: Group, catalogue: Catalogue, lot: int, packages: list[int]
) -> None:
    step = lot_step(group, lot, is_burn_in=True)
    at, end = started_at(group, lot), finished_at(group, lot)
    rows["testing_lotstep"].append(
        f"{step}\t{group.lots + lot}\t{catalogue.steps['A', 'BI'].pk}\t1\t{at}\tlast-v1\t"
        "0\t0\t0\t0\t0\t0\n"
    )
    rows["testing_burninrun"].append(
        f"{step}\t{step}\t{catalogue.requirement}\t{catalogue.ovens[oven(group, lot)]}\t"
        f"{sha256(f'oven {step}'.encode()).hexdigest()}\t{at}\t{end}\t24\n"
    )
    assert len(packages) <= BOARDS * SOCKETS
    rows["testing_burninunit"] += [
        f"{step}\t{group.packages + package}\t{catalogue.boards[index // SOCKETS]}\t"
        f"S{index % SOCKETS:02d}\t{at}\t{end}\t24\tpass\n"
        for index, package in enumerate(packages)
    ]
