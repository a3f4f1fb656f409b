"""Wafer lots: from the fab's first report to a bank of proven dies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from simulator.floor import SORT_TESTERS, Bank, Floor
from simulator.outcomes import SortResult, retests_inline, sort_wafers
from simulator.programs import CP1, CP2, Program
from simulator.schedule import WAFER_DAYS, entries_back_from
from simulator.sessions import Setup
from simulator.truth import Cause, Effect
from simulator.wafers import DIES

TRANSIT = timedelta(hours=30)
SORT_PROGRAMS = {"CP1": CP1, "CP2": CP2}
AT_FOUNDRY = ("START", "FAB", "WAT")


@dataclass(frozen=True, slots=True)
class WaferPlan:
    """One lot and where it stands at the end. feature: what is special about it, or ""."""

    code: str
    wafer_count: int
    step: str
    age_days: float
    feature: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A lot, or what was split off it, on its way. wafers: numbers, rising."""

    code: str
    mother: str
    wafers: tuple[int, ...]
    delay: timedelta = timedelta(0)

    def wafer_ids(self) -> tuple[str, ...]:
        """Scribes of the wafers; a split keeps them."""
        return tuple(f"{self.mother}-{number:02d}" for number in self.wafers)


def run_wafer_lot(floor: Floor, plan: WaferPlan) -> None:
    """Tell the lot's whole story up to the end."""
    rng = floor.rng(plan.code, "days")
    entries = entries_back_from(WAFER_DAYS, plan.step, floor.days_ago(plan.age_days), rng)
    floor.started(plan.code)
    floor.figures["wafers"] += plan.wafer_count
    floor.figures["dies"] += plan.wafer_count * len(DIES)
    _tell_start(floor, plan, entries["START"])
    parts = _leave_foundry(floor, plan, entries)
    for part in parts:
        _run_part(floor, plan, part, entries)


def wafer_text(wafers: tuple[int, ...]) -> str:
    """Numbers as vendors write them: one range where there are no gaps."""
    if wafers == tuple(range(wafers[0], wafers[-1] + 1)) and len(wafers) > 1:
        return f"{wafers[0]}-{wafers[-1]}"
    return ", ".join(map(str, wafers))


def _tell_start(floor: Floor, plan: WaferPlan, at: datetime) -> None:
    floor.desk.tell(
        "tsmc",
        "receive",
        plan.code,
        at,
        product="TRN3-DIE",
        route="A",
        step="START",
        quantity=str(plan.wafer_count),
        unit="wafer",
        wafers=wafer_text(tuple(range(1, plan.wafer_count + 1))),
    )


def _leave_foundry(floor: Floor, plan: WaferPlan, entries: dict[str, datetime]) -> list[Part]:
    """Fab to bumping; returns the parts that go on from there."""
    desk = floor.desk
    wafers = tuple(range(1, plan.wafer_count + 1))
    if "FAB" in entries:
        desk.move("tsmc", plan.code, entries["FAB"], "FAB", len(wafers))
        if plan.feature == "breakage":
            broken, wafers = wafers[-1], wafers[:-1]
            at = entries["FAB"] + timedelta(days=40)
            floor.desk.tell(
                "tsmc",
                "scrap",
                plan.code,
                at,
                quantity="1",
                unit="wafer",
                wafers=str(broken),
                reason="wafer-breakage",
                comment="Broken in the load lock.",
            )
    if "WAT" in entries:
        desk.move("tsmc", plan.code, entries["WAT"], "WAT", len(wafers))
    if "RCV" in entries:
        leaves_at = entries["RCV"] - min(TRANSIT, 0.8 * (entries["RCV"] - entries["WAT"]))
        if plan.feature == "foundry-hold":
            _hold_and_release(floor, "tsmc", plan.code, entries["WAT"], leaves_at)
        desk.ship("tsmc", plan.code, leaves_at, "OSAT1", len(wafers))
        desk.arrive("osat1", plan.code, entries["RCV"], "RCV", len(wafers))
    if "BUMP" in entries:
        desk.move("osat1", plan.code, entries["BUMP"], "BUMP", len(wafers))
        return _split(floor, plan, wafers, entries["BUMP"])
    return []


def _split(floor: Floor, plan: WaferPlan, wafers: tuple[int, ...], at: datetime) -> list[Part]:
    """A hot fifth goes ahead for good, or comes back after a trial."""
    whole = Part(plan.code, plan.code, wafers)
    if plan.feature not in {"split", "merge"}:
        return [whole]
    count = max(1, len(wafers) // 5)
    ahead = Part(f"{plan.code}.1", plan.code, wafers[-count:], -timedelta(hours=9))
    floor.started(ahead.code)
    floor.desk.tell(
        "osat1",
        "split",
        plan.code,
        at + timedelta(hours=8),
        quantity=str(count),
        unit="wafer",
        wafers=wafer_text(ahead.wafers),
        to_lot=ahead.code,
        reason="bump-trial" if plan.feature == "merge" else "hot-lot",
    )
    if plan.feature == "split":
        return [Part(plan.code, plan.code, wafers[:-count]), ahead]
    floor.desk.tell(
        "osat1",
        "merge",
        ahead.code,
        at + timedelta(days=2),
        to_lot=plan.code,
        quantity=str(count),
        unit="wafer",
    )
    return [whole]


def _run_part(floor: Floor, plan: WaferPlan, part: Part, entries: dict[str, datetime]) -> None:
    """Both sorts and dicing, as far as the part has come."""
    candidates = np.ones((len(part.wafers), len(DIES)), bool)
    for step in ("CP1", "CP2"):
        if step not in entries:
            return
        at = entries[step] + part.delay
        floor.desk.move("osat1", part.code, at, step, len(part.wafers))
        candidates = _sort(floor, part, step, at, (candidates, plan.feature == "edge-ring"))
        if plan.feature == "sort-hold" and step == "CP1":
            _hold_and_release(floor, "osat1", part.code, at, entries["CP2"])
        if plan.feature == "edge-ring" and step == "CP1":
            _confess_edge_ring(floor, plan, at)
    if "DICE" in entries:
        at = entries["DICE"] + part.delay
        floor.desk.move("osat1", part.code, at, "DICE", len(part.wafers))
        _dice(floor, part, at + timedelta(hours=20), candidates)


def _sort(
    floor: Floor, part: Part, step: str, at: datetime, state: tuple[np.ndarray, bool]
) -> np.ndarray:
    """Test the candidates at the step; returns (wafer, die) bool, passed.

    state: the candidates, (wafer, die) bool, and whether the lot's edges are bad.
    """
    candidates, has_ring = state
    program = SORT_PROGRAMS[step]
    rng = floor.rng(part.code, step)
    result = sort_wafers(
        program, part.wafer_ids(), candidates, rng, has_edge_ring=has_ring and step == "CP1"
    )
    style = str(rng.choice(["inline", "apart", "halves"], p=[0.6, 0.2, 0.2]))
    _write_sort(floor, part, program, at, (result, style))
    return result.passed


def _write_sort(
    floor: Floor, part: Part, program: Program, at: datetime, told: tuple[SortResult, str]
) -> None:
    """One file; or first touches and retests in two; or two halves of the lot."""
    result, style = told
    rng = floor.rng(part.code, program.step, "files")
    tester = SORT_TESTERS[int(rng.integers(len(SORT_TESTERS)))]
    card = f"PC-{program.step}-{int(rng.integers(1, 5)):02d}"
    starts_at = at + timedelta(minutes=int(rng.integers(120, 300)))
    setup = Setup(part.code, "", program, tester, card, starts_at)
    if style == "apart" and result.reruns is not None and result.reruns.part_ids:
        session = floor.test(setup, result.first, rng)
        later = Setup(part.code, "RT", program, tester, card, session.finished_at + TRANSIT / 10)
        floor.test(later, result.reruns, rng, "-RT")
        return
    whole = retests_inline(result).first
    if style == "halves" and len(part.wafers) > 3:
        is_first = whole.wafer < len(part.wafers) // 2
        session = floor.test(setup, whole.part(is_first), rng, "-A")
        later = Setup(part.code, "B", program, tester, card, session.finished_at + TRANSIT / 20)
        floor.test(later, whole.part(~is_first), rng, "-B")
        return
    floor.test(setup, whole, rng)


def _dice(floor: Floor, part: Part, at: datetime, good: np.ndarray) -> None:
    floor.desk.tell(
        "osat1",
        "dice",
        part.code,
        at,
        product="TRN3-DIE",
        quantity=str(len(part.wafers)),
        unit="wafer",
    )
    dies = [
        f"{wafer_id}:{DIES[die][0]}:{DIES[die][1]}"
        for wafer_id, row in zip(part.wafer_ids(), good, strict=True)
        for die in np.flatnonzero(row)
    ]
    if at <= floor.end_at:
        floor.banks.append(Bank(part.code, at, dies))
        floor.figures["diced_dies"] += good.size
        floor.figures["good_dies"] += len(dies)


def _hold_and_release(
    floor: Floor, vendor: str, lot: str, entered_at: datetime, leaves_at: datetime
) -> None:
    """A question that is answered while the lot stands at the step."""
    span = leaves_at - entered_at
    floor.desk.tell(
        vendor,
        "hold",
        lot,
        entered_at + 0.55 * span,
        hold_class="engineering",
        reason="Thickness readings to be checked",
    )
    floor.desk.tell(
        vendor,
        "release",
        lot,
        entered_at + 0.8 * span,
        reason="use-as-is",
        comment="Within limits.",
    )


def _confess_edge_ring(floor: Floor, plan: WaferPlan, at: datetime) -> None:
    floor.truth.causes.append(
        Cause(
            "edge-ring",
            "wafer-signature",
            plan.code,
            "CP1",
            at.isoformat(),
            "Wafer maps of the lot at CP1: hard bin 4 (leakage) all around the edge of every wafer",
            (
                Effect("bin-above-limit", plan.code),
                Effect("site-yield", plan.code),
                Effect("yield-below-limit", plan.code),
            ),
        )
    )
