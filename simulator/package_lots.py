"""Assembly lots: dies become packages, which are tested, burned in, tested again and shipped."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from simulator.burnin import OvenLoad, oven_report
from simulator.floor import PACKAGE_TESTERS, SYSTEM_TESTERS, Chips, Floor
from simulator.outbox import stamp
from simulator.outcomes import PackagedResult, try_packages
from simulator.programs import FT_COLD, FT_HOT, SLT, Program
from simulator.schedule import PACKAGE_DAYS, entries_back_from
from simulator.sessions import Setup, write_session
from simulator.truth import Cause, Effect

BAD_SITE = 3
OPEN_BETA = "R10-beta"
MISCOUNT = 3
BURN_IN_FAIL_RATIO = 0.004
PACKAGE_PROGRAMS = {"FT-HOT": FT_HOT, "FT-COLD": FT_COLD, "SLT": SLT}
CUT_BYTES = 40


@dataclass(frozen=True, slots=True)
class PackagePlan:
    """One lot and where it stands at the end. feature: what is special about it, or ""."""

    code: str
    chip_count: int
    step: str
    age_days: float
    feature: str = ""


@dataclass(slots=True)
class _Story:
    """The lot while it is told. serials: packages still good."""

    floor: Floor
    plan: PackagePlan
    entries: dict[str, datetime]
    serials: list[str]
    sources: list[str] = field(default_factory=list)


def run_package_lot(floor: Floor, plan: PackagePlan) -> None:
    """Tell the lot's whole story up to the end."""
    rng = floor.rng(plan.code, "days")
    entries = entries_back_from(PACKAGE_DAYS, plan.step, floor.days_ago(plan.age_days), rng)
    serials = [f"T3{plan.code[-4:]}{number:04d}" for number in range(1, plan.chip_count + 1)]
    story = _Story(floor, plan, entries, serials)
    floor.started(plan.code)
    _assemble(story)
    if plan.feature == "merge":
        _split_and_merge(story)
    for step in list(entries)[1:]:
        _enter(story, step)
        if step in PACKAGE_PROGRAMS:
            _test(story, step)
        elif step == "BI":
            _burn_in(story)
        elif step == "SHIP":
            _ship(story)


def _assemble(story: _Story) -> None:
    """Two dies a package, oldest bank first; the builds are told in one table."""
    floor, plan = story.floor, story.plan
    at = story.entries["COWOS"]
    rows = []
    event_id = floor.desk.number("osat1")
    for serial in story.serials:
        for position in ("D1", "D2"):
            bank = next(bank for bank in floor.banks if bank.dies and bank.available_at <= at)
            if bank.lot not in story.sources:
                story.sources.append(bank.lot)
            rows.append(
                {
                    "event_id": event_id,
                    "occurred_at": stamp(at),
                    "supplier": "OSAT1",
                    "lot": plan.code,
                    "product": "TRN3",
                    "route": "A",
                    "step": "COWOS",
                    "serial": serial,
                    "position": position,
                    "part_serial": bank.dies.pop(0),
                }
            )
    told_at = floor.desk.follows("osat1", plan.code, story.sources, at + timedelta(hours=3))
    floor.outbox.send_table("osat1", told_at, f"{plan.code}.assembly.csv", rows)
    floor.figures["chips"] += len(story.serials)


def _split_and_merge(story: _Story) -> None:
    """A few packages go through an X-ray trial and come back before the first test."""
    desk, plan = story.floor.desk, story.plan
    trial = story.serials[: max(1, len(story.serials) // 8)]
    child = f"{plan.code}.1"
    at = story.entries["COWOS"] + timedelta(days=6)
    words = {"quantity": str(len(trial)), "unit": "package"}
    desk.tell(
        "osat1",
        "split",
        plan.code,
        at,
        to_lot=child,
        serials=" ".join(trial),
        reason="x-ray-trial",
        **words,
    )
    desk.tell("osat1", "merge", child, at + timedelta(days=3), to_lot=plan.code, **words)
    story.floor.started(child)


def _enter(story: _Story, step: str) -> None:
    """Move to the step. What the vendor counts is what we have, but for one planted slip."""
    desk, plan, at = story.floor.desk, story.plan, story.entries[step]
    if step == "STOCK":
        desk.arrive("odm1", plan.code, at, step, len(story.serials))
        story.floor.stock.append(Chips(plan.code, at, list(story.serials)))
        return
    count = len(story.serials)
    if plan.feature == "miscount" and step == "SLT":
        count -= MISCOUNT
        _confess(
            story,
            "quantity-mismatch",
            "quantity-out-of-balance",
            step,
            f"Move FT-COLD to SLT: the vendor counts {count}, the ledger {count + MISCOUNT}",
        )
    desk.move("osat1", plan.code, at, step, count)


def _test(story: _Story, step: str) -> None:
    """Try all packages, send the files, scrap what failed before the lot goes on."""
    floor, plan = story.floor, story.plan
    program = _program(story, step)
    if plan.feature == "skipped-test" and step == "SLT":
        _confess(
            story,
            "skipped-test",
            "missing-test-data",
            step,
            "The lot moved from SLT to SHIP; no SLT file was ever sent",
        )
        return
    if _is_queued(story, step):
        return
    bad_site = BAD_SITE if plan.feature == "bad-site" and step == "FT-HOT" else None
    rng = floor.rng(plan.code, step)
    result = try_packages(program, tuple(story.serials), rng, bad_site=bad_site)
    if bad_site is not None:
        _confess_site(story, step)
    finished_at = _write_tests(story, program, result, rng)
    _scrap(story, step, result.passed, finished_at)


def _is_queued(story: _Story, step: str) -> bool:
    """Whether the lot still waits for its tester when the line is looked at."""
    floor = story.floor
    is_last = step == list(story.entries)[-1]
    return is_last and floor.end_at - story.entries[step] < timedelta(hours=20)


def _program(story: _Story, step: str) -> Program:
    program = PACKAGE_PROGRAMS[step]
    if story.plan.feature != "beta-program" or step != "FT-COLD":
        return program
    _confess(
        story,
        "unreleased-program",
        "unreleased-program",
        step,
        f"Program {program.code} revision {OPEN_BETA} was never released",
    )
    return program.revised(OPEN_BETA)


def _write_tests(
    story: _Story, program: Program, result: PackagedResult, rng: np.random.Generator
) -> datetime:
    """First touches and retests in one file, or in two; or one cut short and taken up again."""
    floor, plan = story.floor, story.plan
    testers = SYSTEM_TESTERS if program is SLT else PACKAGE_TESTERS
    tester = testers[int(rng.integers(len(testers)))]
    board = f"LB-{program.step}-{int(rng.integers(1, 4)):02d}"
    at = story.entries[program.step] + timedelta(minutes=int(rng.integers(60, 240)))
    setup = Setup(plan.code, "", program, tester, board, at)
    if _is_cut(story, program):
        at = _write_cut(story, setup, result, rng)
    else:
        at = floor.test(setup, result.first, rng).finished_at
    if not result.reruns.part_ids:
        return at
    later = Setup(plan.code, "RT", program, tester, board, at + timedelta(minutes=50))
    return floor.test(later, result.reruns, rng, "-RT").finished_at


def _is_cut(story: _Story, program: Program) -> bool:
    """Only where a whole touch-down stands before the cut."""
    is_meant = story.plan.feature == "cut-file" and program.step == "FT-COLD"
    return is_meant and len(story.serials) > program.site_count


def _write_cut(
    story: _Story, setup: Setup, result: PackagedResult, rng: np.random.Generator
) -> datetime:
    """The tester's disk fills up in mid-touch-down; the rest is tested an hour later."""
    floor, sites = story.floor, setup.program.site_count
    kept = max(1, len(story.serials) // (2 * sites)) * sites
    begun = write_session(setup, result.first.part(slice(0, kept + sites)), rng)
    stop = begun.part_ends[kept - 1] + CUT_BYTES
    at = begun.finished_at + timedelta(minutes=20)
    name = f"{setup.lot}_{setup.program.step}-CUT_{setup.tester.code}.stdf"
    if floor.outbox.send("osat1", at, name, begun.data[:stop]):
        floor.figures["test_files"] += 1
    rest = Setup(
        setup.lot, "B", setup.program, setup.tester, setup.card, at + timedelta(minutes=40)
    )
    return floor.test(rest, result.first.part(slice(kept, None)), rng, "-B").finished_at


def _scrap(story: _Story, step: str, passed: np.ndarray, at: datetime) -> None:
    """Failed packages leave the lot some time after the test, before the next step."""
    codes = list(story.entries)
    following = codes.index(step) + 1
    failed = [serial for serial, good in zip(story.serials, passed, strict=True) if not good]
    if following == len(codes) or not failed:
        return
    leaves_at = story.entries[codes[following]]
    assert at < leaves_at, f"{story.plan.code} left {step} before its test ended"
    story.floor.desk.tell(
        "osat1",
        "scrap",
        story.plan.code,
        leaves_at - (leaves_at - at) / 4,
        quantity=str(len(failed)),
        unit="package",
        serials=" ".join(failed),
        reason="test-reject",
        comment=f"Failed {step}.",
    )
    story.serials = [serial for serial, good in zip(story.serials, passed, strict=True) if good]


def _burn_in(story: _Story) -> None:
    floor, plan, at = story.floor, story.plan, story.entries["BI"]
    rng = floor.rng(plan.code, "BI")
    has_dip = plan.feature == "short-burn-in"
    alive = rng.random(len(story.serials)) >= BURN_IN_FAIL_RATIO
    failed = {serial for serial, good in zip(story.serials, alive, strict=True) if not good}
    load = OvenLoad(
        plan.code,
        f"OVEN-{int(rng.integers(1, 5)):02d}",
        at + timedelta(hours=2),
        tuple(story.serials),
        frozenset(failed),
        has_dip,
    )
    told_at = load.finished_at + timedelta(minutes=25)
    if not floor.outbox.send_json(
        "osat1", told_at, f"{plan.code}.burnin.json", oven_report(load, rng)
    ):
        return
    if has_dip:
        _confess(
            story,
            "short-burn-in",
            "burn-in-short",
            "BI",
            f"{load.oven}: below the temperature window for almost three hours, so hours are short",
        )
    _scrap(story, "BI", alive, told_at)


def _ship(story: _Story) -> None:
    floor, plan = story.floor, story.plan
    at = story.entries["SHIP"] + timedelta(hours=14)
    floor.desk.ship("osat1", plan.code, at, "ODM1", len(story.serials))


def _confess(story: _Story, cause: str, detector: str, step: str, where: str) -> None:
    at = story.entries[step]
    story.floor.truth.causes.append(Cause(cause, detector, story.plan.code, step, stamp(at), where))


def _confess_site(story: _Story, step: str) -> None:
    lot = story.plan.code
    story.floor.truth.causes.append(
        Cause(
            "bad-site",
            "site-yield",
            lot,
            step,
            stamp(story.entries[step]),
            f"Site {BAD_SITE} of the lot's FT-HOT session: contact failures",
            (Effect("yield-below-limit", lot), Effect("bin-above-limit", lot)),
        )
    )
