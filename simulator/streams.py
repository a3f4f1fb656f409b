"""Lots without end, as outcomes of units alone: what judging a detector needs, and no files.

The same model of chance as the files of the line: levels, wafers, radius, marks, bins, retests.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

import numpy as np

from simulator.chance import logit, sigmoid, stream
from simulator.floor import PACKAGE_TESTERS, SORT_TESTERS, SYSTEM_TESTERS
from simulator.outcomes import (
    CONTACT_RETEST_RATIO,
    EDGE_RING_FAIL_RATIO,
    FIRST_PASS,
    LOT_SPREAD,
    OTHER_RETEST_RATIO,
    PACKAGED_RETEST_RATIO,
    RADIAL_DEPTH,
    RECOVERY_RATIO,
    WAFER_SPREAD,
)
from simulator.programs import CONTACT, LEAKAGE, PROGRAMS, Program
from simulator.wafers import DIES, ON_EDGE, cluster_loss, radial_loss, scratch_loss

SORT_STEPS = ("CP1", "CP2")
PACKAGE_STEPS = ("FT-HOT", "FT-COLD", "SLT")
WAFERS = (20, 26)
CHIPS = (200, 301)
SORTED_RATIO = 0.6
OVENS = ("OV-1", "OV-2", "OV-3", "OV-4")
CARDS = ("PC-11", "PC-12", "PC-13", "PC-14")
BY_STEP = {program.step: program for program in PROGRAMS}
SCRATCH_FAIL_RATIO = 0.9
NO_BIN, BIN_ZERO = -1, -2
Place = tuple[int, int]


class Harm(StrEnum):
    """What can be done to a lot."""

    LEVEL = "level"
    SITE = "site"
    TESTER = "tester"
    OVEN = "oven"
    BIN = "bin"
    MASKED = "masked-by-retest"
    EDGE_RING = "edge-ring"
    SCRATCH = "scratch"
    RETICLE = "reticle-repeater"
    PARTIAL = "partial-wafers"
    OTHER_PRODUCT = "mix-change"
    NEW_REVISION = "new-revision"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Done to one lot at one step. size: share of the lot's units lost by it, 0 to 1; of wafers in
    a pattern, the share of the lot's wafers, just so many; of a decoy without meaning. where: the
    tool, or the position of the reticle, as 2x2:1,0: of two columns the second, of two rows the
    first."""

    harm: Harm
    step: str
    size: float = 0.0
    where: str = ""


@dataclass(frozen=True, slots=True)
class Tested:
    """One lot at one step. number: of the lot, in order of time. places: x and y of each die.

    Arrays are (unit,): hard bin of the first insertion and of the last, 0 for a pass, NO_BIN and
    BIN_ZERO for fails that have none or that; is_retested: put in more than once; wafer and die
    index, -1 for packages; tools of the first insertion, "" for none.
    """

    __test__ = False

    number: int
    code: str
    product: str
    step: str
    places: tuple[Place, ...]
    first_bin: np.ndarray
    final_bin: np.ndarray
    is_retested: np.ndarray
    wafer: np.ndarray
    die: np.ndarray
    head: np.ndarray
    site: np.ndarray
    tester: np.ndarray
    oven: np.ndarray
    card: np.ndarray
    board: np.ndarray

    @property
    def wafer_count(self) -> int:
        """0 for packages."""
        return int(self.wafer.max(initial=-1)) + 1


def lot_steps(seed: int, number: int) -> tuple[str, ...]:
    """Steps of a lot: every other lot is one of wafers, the rest are of packages."""
    return SORT_STEPS if (number + seed) % 2 else PACKAGE_STEPS


def lot_code(number: int) -> str:
    """How a lot is named."""
    return f"L{number:05d}"


def lot_at(
    seed: int, number: int, step: str, trouble: Trouble | None = None, *, take: int = 0
) -> Tested:
    """One lot at one step. take: another draw of chance for the same lot."""
    rng = stream(seed, "stream", str(number), step, str(take))
    if step in SORT_STEPS:
        bare, odds = _sorted_units(number, step, rng)
    else:
        bare, odds = _packages(number, step, rng)
    if trouble is not None and trouble.harm is Harm.PARTIAL:
        bare, odds = _cut(bare, odds, rng)
    return _outcomes(BY_STEP[step], bare, odds, trouble, rng)


def tools(lot: Tested, harm: Harm) -> list[str]:
    """Tools of a kind that a lot was on, by name; a site as tester/site."""
    if harm is Harm.SITE:
        pairs = zip(lot.tester.tolist(), lot.site.tolist(), strict=True)
        return sorted({f"{tester}/{site}" for tester, site in pairs})
    column = lot.tester if harm is Harm.TESTER else lot.oven
    return sorted(set(column.tolist()))


def _sorted_units(number: int, step: str, rng: np.random.Generator) -> tuple[Tested, np.ndarray]:
    wafer_count, dies = int(rng.integers(*WAFERS)), len(DIES)
    odds = np.full((wafer_count, dies), logit(FIRST_PASS[step]) + rng.normal(0, LOT_SPREAD))
    odds += rng.normal(0, WAFER_SPREAD, (wafer_count, 1))
    chosen = np.full((wafer_count, dies), fill_value=True)
    if step == "CP1":
        odds += 0.25 - radial_loss(RADIAL_DEPTH)
        for number_in_lot, mark in enumerate(rng.random(wafer_count)):
            if mark < 0.04:
                odds[number_in_lot] -= cluster_loss(rng, 3.0)
            elif mark < 0.07:
                odds[number_in_lot] -= scratch_loss(rng, 2.5)
    else:
        chosen = rng.random((wafer_count, dies)) < SORTED_RATIO
    wafer, die = np.nonzero(chosen)
    tester = SORT_TESTERS[int(rng.integers(len(SORT_TESTERS)))].code
    card = CARDS[int(rng.integers(len(CARDS)))]
    none = np.full(len(wafer), "")
    lot = Tested(
        number=number,
        code=lot_code(number),
        product="TRN3-DIE",
        step=step,
        places=DIES,
        first_bin=none,
        final_bin=none,
        is_retested=none,
        wafer=wafer,
        die=die,
        head=np.ones(len(wafer), int),
        site=np.arange(len(wafer)) % BY_STEP[step].site_count + 1,
        tester=np.full(len(wafer), tester),
        oven=none,
        card=np.full(len(wafer), card),
        board=none,
    )
    return lot, odds[wafer, die]


def _packages(number: int, step: str, rng: np.random.Generator) -> tuple[Tested, np.ndarray]:
    """Each lot runs on two testers, and has been in two ovens."""
    count = int(rng.integers(*CHIPS))
    bank = SYSTEM_TESTERS if step == "SLT" else PACKAGE_TESTERS
    testers = rng.choice([tester.code for tester in bank], 2, replace=False)
    ovens = rng.choice(OVENS, 2, replace=False)
    order, nowhere, none = np.arange(count), np.full(count, -1), np.full(count, "")
    is_burnt = step != "FT-HOT"
    lot = Tested(
        number=number,
        code=lot_code(number),
        product="TRN3",
        step=step,
        places=(),
        first_bin=nowhere,
        final_bin=nowhere,
        is_retested=nowhere,
        wafer=nowhere,
        die=nowhere,
        head=np.ones(count, int),
        site=order % BY_STEP[step].site_count + 1,
        tester=testers[(order >= count // 2).astype(int)],
        oven=ovens[rng.permutation(order) % 2] if is_burnt else none,
        card=none,
        board=none,
    )
    return lot, np.full(count, logit(FIRST_PASS[step]) + rng.normal(0, LOT_SPREAD))


def _cut(lot: Tested, odds: np.ndarray, rng: np.random.Generator) -> tuple[Tested, np.ndarray]:
    """Half of the wafers are broken: of those the upper rows are left."""
    broken = rng.random(lot.wafer_count) < 0.5
    upper = np.array([y for _, y in DIES]) >= 4
    return _part(lot, kept := ~broken[lot.wafer] | upper[lot.die]), odds[kept]


def _part(lot: Tested, kept: np.ndarray) -> Tested:
    columns = {one.name: getattr(lot, one.name) for one in fields(lot)}
    arrays = {name: one[kept] for name, one in columns.items() if isinstance(one, np.ndarray)}
    return replace(lot, **arrays)


def _outcomes(
    program: Program,
    lot: Tested,
    odds: np.ndarray,
    trouble: Trouble | None,
    rng: np.random.Generator,
) -> Tested:
    shares = np.array([test.share for test in program.tests])
    bins = np.array([test.hard_bin for test in program.tests])
    drawn = bins[rng.choice(len(bins), size=len(odds), p=shares / shares.sum())]
    first = np.where(rng.random(len(odds)) < sigmoid(odds), 0, drawn)
    recovery = np.full(len(odds), RECOVERY_RATIO)
    if trouble is not None:
        first, recovery = _harmed(lot, first, drawn, recovery, trouble, rng)
    is_contact = first == CONTACT
    if lot.step in SORT_STEPS:
        contact, other = CONTACT_RETEST_RATIO[lot.step], OTHER_RETEST_RATIO[lot.step]
        chance = np.where(is_contact, contact, other)
    else:
        chance = np.full(len(odds), PACKAGED_RETEST_RATIO)
    is_retested = (first > 0) & (rng.random(len(odds)) < chance)
    saved = is_retested & (rng.random(len(odds)) < recovery)
    is_other = trouble is not None and trouble.harm is Harm.OTHER_PRODUCT
    return replace(
        lot,
        product=f"{lot.product}-B" if is_other else lot.product,
        first_bin=first,
        final_bin=np.where(saved, 0, first),
        is_retested=is_retested,
    )


def _harmed(
    lot: Tested,
    first: np.ndarray,
    drawn: np.ndarray,
    recovery: np.ndarray,
    trouble: Trouble,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """First bins and recovery with the trouble in them: some good units fail as well."""
    exposed = _exposed(lot, trouble, rng)
    good = first == 0
    reach = int((exposed & good).sum())
    if trouble.harm in {Harm.EDGE_RING, Harm.SCRATCH}:
        ratio = EDGE_RING_FAIL_RATIO if trouble.harm is Harm.EDGE_RING else SCRATCH_FAIL_RATIO
    else:
        ratio = min(1.0, trouble.size * len(first) / max(reach, 1))
    hit = exposed & good & (rng.random(len(first)) < ratio)
    if trouble.harm is Harm.LEVEL:
        hit = _so_many(good, round(trouble.size * len(first)), rng)
    bins = {Harm.BIN: LEAKAGE, Harm.EDGE_RING: LEAKAGE, Harm.MASKED: CONTACT, Harm.SITE: CONTACT}
    failing = np.full(len(first), bins[trouble.harm]) if trouble.harm in bins else drawn
    recovery = np.where(hit, 0.9 if trouble.harm is Harm.MASKED else 0.0, recovery)
    return np.where(hit, failing, first), recovery


def _so_many(good: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """So many of the good ones, drawn at random, or all of them. Same shape as good."""
    found = np.zeros(len(good), dtype=bool)
    found[rng.permutation(np.flatnonzero(good))[:count]] = True
    return found


def _exposed(lot: Tested, trouble: Trouble, rng: np.random.Generator) -> np.ndarray:
    """(unit,): whom the trouble can reach."""
    if trouble.harm is Harm.SITE:
        tester, site = trouble.where.split("/")
        return np.asarray((lot.tester == tester) & (lot.site == int(site)))
    if trouble.harm is Harm.TESTER:
        return np.asarray(lot.tester == trouble.where)
    if trouble.harm is Harm.OVEN:
        return np.asarray(lot.oven == trouble.where)
    if trouble.harm in {Harm.EDGE_RING, Harm.SCRATCH}:
        every = np.ones(lot.wafer_count, dtype=bool)
        ill = _so_many(every, round(trouble.size * lot.wafer_count), rng)
        ring = ON_EDGE if trouble.harm is Harm.EDGE_RING else scratch_loss(rng, 1.0) > 0
        return np.asarray(ill[lot.wafer] & ring[lot.die])
    if trouble.harm is Harm.RETICLE:
        columns, rows, column, row = map(int, re.split("[x:,]", trouble.where))
        x, y = np.array(lot.places).T
        return np.asarray(((x % columns == column) & (y % rows == row))[lot.die])
    is_level = trouble.harm in {Harm.LEVEL, Harm.BIN, Harm.MASKED}
    return np.full(len(lot.site), is_level)


def spread_of(ratios: Sequence[float]) -> float:
    """Standard deviation of lot yields: the sigma that steps are measured in."""
    return float(np.std(ratios, ddof=1))
