"""Who fails, where, and who is tried again: overdispersed as real lots are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulator.chance import logit, sigmoid
from simulator.programs import CONTACT, LEAKAGE, Program
from simulator.touches import Touches, again, joined, packaged
from simulator.wafers import (
    DIES,
    ON_EDGE,
    X,
    Y,
    cluster_loss,
    radial_loss,
    scratch_loss,
)

FIRST_PASS = {"CP1": 0.64, "CP2": 0.93, "FT-HOT": 0.945, "FT-COLD": 0.965, "SLT": 0.98}
LOT_SPREAD = 0.10
WAFER_SPREAD = 0.25
RADIAL_DEPTH = 0.9
RECOVERY_RATIO = 0.3
EDGE_RING_FAIL_RATIO = 0.9
BAD_SITE_FAIL_RATIO = 0.45
CONTACT_RETEST_RATIO = {"CP1": 0.75, "CP2": 0.9}
OTHER_RETEST_RATIO = {"CP1": 0.04, "CP2": 0.45}
PACKAGED_RETEST_RATIO = 0.8


@dataclass(frozen=True, slots=True)
class SortResult:
    """One lot at one sort step. passed: (wafer, die), after retests; reruns: not in `first`."""

    first: Touches
    reruns: Touches | None
    passed: np.ndarray


@dataclass(frozen=True, slots=True)
class PackagedResult:
    """One lot at one packaged test. passed: (part,), after retests."""

    first: Touches
    reruns: Touches
    passed: np.ndarray


def sort_wafers(
    program: Program,
    wafer_ids: tuple[str, ...],
    candidates: np.ndarray,
    rng: np.random.Generator,
    *,
    has_edge_ring: bool = False,
) -> SortResult:
    """Touch every candidate die, (wafer, die) bool, wafer by wafer, and retest some that failed.

    Retests come apart; `retests_inline` brings them into the same session.
    """
    base = logit(FIRST_PASS[program.step]) + rng.normal(0, LOT_SPREAD)
    pieces, again_pieces = [], []
    passed = np.zeros_like(candidates)
    for index in range(len(wafer_ids)):
        dies = np.flatnonzero(candidates[index])
        odds = base + _wafer_effect(program.step, rng)
        failing = _first_failures(program, odds[dies], rng)
        if has_edge_ring:
            failing = _ring(program, failing, ON_EDGE[dies], rng)
        piece = _wafer_touches(wafer_ids, index, dies, failing, program.site_count)
        chosen = _sort_retests(program, failing, rng)
        rerun = again(piece, chosen, _second_failures(program, failing[chosen], rng))
        passed[index, dies] = failing < 0
        passed[index, dies[chosen]] = rerun.failing < 0
        pieces.append(piece)
        again_pieces.append(rerun)
    return SortResult(joined(pieces), joined(again_pieces), passed)


def retests_inline(result: SortResult) -> SortResult:
    """The same lot with each wafer's retests right after it, in one session."""
    assert result.reruns is not None, "nothing to bring in line"
    both = joined([result.first, result.reruns])
    order = np.lexsort((both.group, both.is_retest, both.wafer))
    whole = both.part(order)
    is_next = np.diff(whole.group, prepend=whole.group[:1]) != 0
    return replace(result, first=replace(whole, group=np.cumsum(is_next)), reruns=None)


def try_packages(
    program: Program,
    serials: tuple[str, ...],
    rng: np.random.Generator,
    *,
    bad_site: int | None = None,
) -> PackagedResult:
    """Test every package once over all sites, and most that failed again."""
    base = logit(FIRST_PASS[program.step]) + rng.normal(0, LOT_SPREAD)
    failing = _first_failures(program, np.full(len(serials), base), rng)
    first = packaged(serials, program.site_count, failing)
    if bad_site is not None:
        hit = (first.site == bad_site) & (rng.random(len(serials)) < BAD_SITE_FAIL_RATIO)
        failing[hit] = _test_of(program, CONTACT)
    chosen = np.flatnonzero((failing >= 0) & (rng.random(len(serials)) < PACKAGED_RETEST_RATIO))
    reruns = again(first, chosen, _second_failures(program, failing[chosen], rng))
    passed = failing < 0
    passed[chosen] = reruns.failing < 0
    return PackagedResult(first, reruns, passed)


def _wafer_effect(step: str, rng: np.random.Generator) -> np.ndarray:
    """Log odds by die of one wafer: its own level, the radius, and now and then a mark."""
    odds = np.full(len(DIES), rng.normal(0, WAFER_SPREAD))
    if step != "CP1":
        return odds
    mark = rng.random()
    odds = odds + 0.25 - radial_loss(RADIAL_DEPTH)
    if mark < 0.04:
        odds = odds - cluster_loss(rng, 3.0)
    elif mark < 0.07:
        odds = odds - scratch_loss(rng, 2.5)
    return np.asarray(odds)


def _first_failures(program: Program, odds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Index of the failing test per part, -1 for a pass."""
    shares = np.array([test.share for test in program.tests])
    tests = rng.choice(len(shares), size=len(odds), p=shares / shares.sum())
    return np.where(rng.random(len(odds)) < sigmoid(odds), -1, tests)


def _second_failures(program: Program, failing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Some recover; of the rest most fail where they failed before."""
    other = rng.integers(len(program.tests), size=len(failing))
    same = np.where(rng.random(len(failing)) < 0.85, failing, other)
    return np.where(rng.random(len(failing)) < RECOVERY_RATIO, -1, same)


def _sort_retests(program: Program, failing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which failed dies are touched again: contact failures mostly, others seldom."""
    is_contact = np.array([test.hard_bin == CONTACT for test in program.tests])
    ratio = np.where(
        is_contact[failing], CONTACT_RETEST_RATIO[program.step], OTHER_RETEST_RATIO[program.step]
    )
    return np.flatnonzero((failing >= 0) & (rng.random(len(failing)) < ratio))


def _ring(
    program: Program, failing: np.ndarray, on_edge: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    hit = on_edge & (rng.random(len(failing)) < EDGE_RING_FAIL_RATIO)
    return np.where(hit, _test_of(program, LEAKAGE), failing)


def _test_of(program: Program, hard_bin: int) -> int:
    return next(i for i, test in enumerate(program.tests) if test.hard_bin == hard_bin)


def _wafer_touches(
    wafer_ids: tuple[str, ...], index: int, dies: np.ndarray, failing: np.ndarray, site_count: int
) -> Touches:
    order = np.arange(len(dies))
    return Touches(
        wafer_ids,
        tuple(str(number) for number in order + 1),
        np.full(len(dies), index),
        X[dies],
        Y[dies],
        order % site_count + 1,
        order // site_count,
        failing,
        np.zeros(len(dies), bool),
    )
