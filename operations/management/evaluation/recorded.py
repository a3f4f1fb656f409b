"""Recorded sessions of any line as lots in order of time, their units by first and last insertion.

Which insertions are of one unit, which of them decides and which file is a copy of another is told
by the same functions as in the service, under the policy that the last insertion decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from intake.domain.matching import FileClues, engineering_wafer_code, step_code
from operations.management.evaluation.files import OvenStay, RecordedRun
from simulator.streams import BIN_ZERO, Tested
from testing.domain.copies import InsertionMark, are_copies
from testing.domain.identity import PART_ID_CHARACTERS_MAX, identified, stored_text
from testing.domain.leads import Claims
from testing.domain.records import MISSING, OUTCOME_CODES
from testing.domain.retest import Insertions, consolidate, is_flagged_retest
from testing.domain.words import Outcome, RetestPolicy

Stays = Mapping[tuple[str, str], Sequence[OvenStay]]
Texts = NDArray[np.str_]
PASS = OUTCOME_CODES[Outcome.PASS]


def lots_of(
    runs: Sequence[RecordedRun],
    stays: Stays,
    steps: Sequence[str],
    advance: Callable[[int], object],
) -> list[Tested]:
    """Every lot at every step, by the start of its first session there.

    steps: as the truth names them; one of these is a file's step before any other word of it.
    """
    groups: dict[tuple[str, str], list[RecordedRun]] = defaultdict(list)
    for run in runs:
        groups[run.lot, step_of(run, steps)].append(run)
    found = []
    for (_, step), group in groups.items():
        found.append(_timed(step, group, stays))
        advance(len(group))
    numbers: dict[str, int] = {}
    return [
        replace(lot, number=numbers.setdefault(lot.code, len(numbers)))
        for _, lot in sorted(found, key=lambda one: (one[0], one[1].code, one[1].step))
    ]


def step_of(run: RecordedRun, steps: Sequence[str]) -> str:
    """FLOW_ID or TEST_COD where it is one of the steps; else TEST_COD, FLOW_ID or JOB_NAM."""
    header = run.header
    clues = FileClues(
        file=run.name,
        tester=header.node_name,
        program=header.job_name,
        flow=header.flow_id,
        test_code=header.test_code,
        part_type=header.part_type,
    )
    known = step_code(clues, (), steps, is_free=False)
    return known or header.test_code or header.flow_id or header.job_name


def _timed(step: str, group: Sequence[RecordedRun], stays: Stays) -> tuple[datetime, Tested]:
    """The lot at a step, and when its first session began."""
    runs = sorted(without_copies(group), key=lambda run: (run.started_at, run.sha256))
    return runs[0].started_at, _tested(step, runs, stays)


def without_copies(runs: Sequence[RecordedRun]) -> list[RecordedRun]:
    """Of several tellings of one session, the best."""
    kept: list[RecordedRun] = []
    for run in sorted(runs, key=lambda one: one.copy.worth, reverse=True):
        rivals = [one for one in kept if _may_be_copies(one, run)]
        if not any(are_copies(one.copy, run.copy, _marks(one), _marks(run)) for one in rivals):
            kept.append(run)
    return kept


def _may_be_copies(one: RecordedRun, other: RecordedRun) -> bool:
    """Same start, tester, program and sublot, and where both name wafers, one of them."""
    is_elsewhere = one.wafers and other.wafers and not set(one.wafers) & set(other.wafers)
    return _session(one) == _session(other) and not is_elsewhere


def _session(run: RecordedRun) -> tuple[object, ...]:
    header = run.header
    named = header.node_name, header.job_name, header.job_revision, header.sublot_id
    return run.started_at, *named


def _marks(run: RecordedRun) -> Iterator[InsertionMark]:
    parts = run.parts
    columns = (
        parts.x, parts.y, parts.hard_bin, parts.soft_bin, parts.head, parts.site,
        parts.part_flag, parts.test_time_ms,
    )  # fmt: skip
    return zip(parts.part_id, *(column.tolist() for column in columns), strict=True)


@dataclass(frozen=True, slots=True)
class _Insertions:
    """Of all sessions of a lot at a step, in the order they happened; columns are (insertion,).

    verdict: 0 for a pass, else the hard bin as `Tested` has it. run: place of its session.
    """

    claims: Claims
    verdict: NDArray[np.int64]
    head: NDArray[np.int64]
    site: NDArray[np.int64]
    run: NDArray[np.int64]


def _tested(step: str, runs: Sequence[RecordedRun], stays: Stays) -> Tested:
    found = _insertions(runs)
    first, last, is_retested = _standing(found)
    of_run = found.run[first]
    places, die = _dies(found.claims, last)
    return Tested(
        number=0,
        code=runs[0].lot,
        product=runs[0].header.part_type or runs[0].header.job_name,
        step=step,
        places=places,
        first_bin=found.verdict[first],
        final_bin=found.verdict[last],
        is_retested=is_retested,
        wafer=found.claims.wafer[last],
        die=die,
        head=found.head[first],
        site=found.site[first],
        tester=_of_runs([run.header.node_name for run in runs], of_run),
        oven=_ovens(runs, found, first, stays),
        card=_of_runs([run.probe_card for run in runs], of_run),
        board=_of_runs([run.load_board for run in runs], of_run),
    )


def _insertions(runs: Sequence[RecordedRun]) -> _Insertions:
    numbers: dict[str, int] = {}
    parts = [run.parts for run in runs]
    hard_bin = np.concatenate([one.hard_bin for one in parts]).astype(np.int64)
    is_pass = np.concatenate([one.outcome for one in parts]) == PASS
    lengths = [len(one) for one in parts]
    run = np.repeat(np.arange(len(runs)), lengths)
    names = (text for one in parts for text in one.part_id)
    claims = Claims(
        wafer=np.concatenate([_wafers(run, numbers) for run in runs]),
        x=np.concatenate([one.x for one in parts]),
        y=np.concatenate([one.y for one in parts]),
        part_id=[stored_text(text, PART_ID_CHARACTERS_MAX) for text in names],
        part_flag=np.concatenate([one.part_flag for one in parts]),
        run=run,
        index=np.concatenate([np.arange(length, dtype=np.int32) for length in lengths]),
    )
    return _Insertions(
        claims=claims,
        verdict=np.where(is_pass, 0, np.where(hard_bin == 0, BIN_ZERO, hard_bin)),
        head=np.concatenate([one.head for one in parts]).astype(np.int64),
        site=np.concatenate([one.site for one in parts]).astype(np.int64),
        run=run,
    )


def _wafers(run: RecordedRun, numbers: dict[str, int]) -> NDArray[np.int64]:
    """Number of each part's wafer within the lot, (part,), from 0 as they first come; -1 = none."""
    codes = [
        engineering_wafer_code(name, place, run.lot) for place, name in enumerate(run.wafers, 1)
    ]
    known = [numbers.setdefault(code, len(numbers)) for code in codes]
    return np.array([*known, MISSING], dtype=np.int64)[run.parts.wafer_index]


def _standing(found: _Insertions) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Of each unit the places of its first and its deciding insertion; whether it has several."""
    unit = identified(found.claims).unit
    is_flagged = is_flagged_retest(found.claims.part_flag)
    standings = consolidate(Insertions(unit, found.verdict == 0, is_flagged), RetestPolicy.LAST)
    first = np.flatnonzero(standings.attempt == 1)
    last = np.flatnonzero(standings.is_final)
    by_unit = last[np.argsort(unit[last])]
    last = by_unit[np.searchsorted(unit[by_unit], unit[first])]
    return first, last, first != last


def _dies(
    claims: Claims, chosen: NDArray[np.int64]
) -> tuple[tuple[tuple[int, int], ...], NDArray[np.int64]]:
    """All places on wafers, and which of them each chosen insertion was at, -1 for none."""
    placed = claims.is_placed()[chosen]
    at = np.stack([claims.x[chosen], claims.y[chosen]], axis=1)[placed]
    places, index = np.unique(at, axis=0, return_inverse=True)
    die = np.full(len(chosen), MISSING, dtype=np.int64)
    die[placed] = index.reshape(-1)
    return tuple((int(x), int(y)) for x, y in places), die


def _ovens(
    runs: Sequence[RecordedRun], found: _Insertions, first: NDArray[np.int64], stays: Stays
) -> Texts:
    """The oven that each unit was in last before its first insertion, "" for none; (unit,)."""
    ovens = []
    for index in first.tolist():
        run = runs[found.run[index]]
        there = [
            (stay.removed_at, stay.oven)
            for stay in stays.get((run.lot, found.claims.part_id[index]), ())
            if stay.removed_at <= run.started_at
        ]
        ovens.append(max(there)[1] if there else "")
    return np.array(ovens, dtype=str)


def _of_runs(names: Sequence[str], run: NDArray[np.int64]) -> Texts:
    return np.array(names, dtype=str)[run]
