"""Every insertion of a lot step in its place: recorded ones and new ones, under one policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q
from numpy.typing import NDArray

from testing.domain.identity import Identities, identified, plain_key
from testing.domain.leads import Claims, Conflict, Decided
from testing.domain.records import MISSING, MISSING_COORDINATE
from testing.domain.retest import (
    Insertions,
    RetestCounts,
    Standings,
    consolidate,
    counted,
    is_flagged_retest,
)
from testing.domain.words import ConflictKind, ConflictVerdict, Outcome, RetestPolicy
from testing.models import IdentityConflict, LotStep, Run, UnitResult
from testing.sql import statement

FIELDS = (
    "id", "wafer_id", "x", "y", "part_id", "part_flag", "run_id", "part_index", "outcome",
    "attempt", "is_final", "unit_key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recorded:
    """Insertions that are rows already; columns are (insertion,). key: as the row has it."""

    ids: NDArray[np.int64]
    claims: Claims
    is_passed: NDArray[np.bool_]
    standings: Standings
    key: Sequence[str]

    def counts(self) -> RetestCounts:
        """As they stand."""
        numbers: dict[str, int] = {}
        unit = [numbers.setdefault(key, len(numbers)) for key in self.key]
        return counted(_insertions(np.array(unit, dtype=np.int64), self), self.standings)

    def without(self, run_ids: Sequence[int]) -> Recorded:
        """All but those of some runs."""
        kept = np.flatnonzero(~np.isin(self.claims.run, run_ids))
        claims = self.claims
        return Recorded(
            self.ids[kept],
            Claims(
                claims.wafer[kept], claims.x[kept], claims.y[kept],
                [claims.part_id[place] for place in kept.tolist()],
                claims.part_flag[kept], claims.run[kept], claims.index[kept],
            ),
            self.is_passed[kept],
            Standings(self.standings.attempt[kept], self.standings.is_final[kept]),
            [self.key[place] for place in kept.tolist()],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fresh:
    """Insertions of a run that is being recorded, in its order."""

    claims: Claims
    is_passed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Numbered:
    """How the fresh ones stand, which of them have no plain key, and the counts of all."""

    standings: Standings
    keys: Mapping[int, str]
    counts: RetestCounts
    conflicts: tuple[Conflict, ...]


def recorded(lot_step: LotStep, where: Q, revived: Sequence[int] = ()) -> Recorded:
    """Insertions of the lot step that count and fit, in one query.

    revived: runs that count again, whose insertions have no attempt yet; it reads as 0.
    """
    standing = Q(attempt__isnull=False)
    if revived:
        standing |= Q(run__in=revived)
    rows = list(
        UnitResult.objects.filter(where, standing, lot_step=lot_step)
        .order_by()
        .values_list(*FIELDS)
    )
    column: dict[str, Sequence[Any]] = dict(
        zip(FIELDS, zip(*rows, strict=True) if rows else ((),) * len(FIELDS), strict=True)
    )
    claims = Claims(
        wafer=_column(column["wafer_id"], np.int64, MISSING),
        x=_column(column["x"], np.int32, MISSING_COORDINATE),
        y=_column(column["y"], np.int32, MISSING_COORDINATE),
        part_id=column["part_id"],
        part_flag=_column(column["part_flag"], np.uint8),
        run=_column(column["run_id"], np.int64),
        index=_column(column["part_index"], np.int32),
    )
    return Recorded(
        ids=_column(column["id"], np.int64),
        claims=claims,
        is_passed=np.array([outcome == Outcome.PASS for outcome in column["outcome"]], np.bool_),
        standings=Standings(
            _column(column["attempt"], np.int64), _column(column["is_final"], np.bool_)
        ),
        key=column["unit_key"],
    )


def _column(values: Sequence[Any], dtype: Any, missing: int = 0) -> NDArray[Any]:
    return np.array([missing if value is None else value for value in values], dtype=dtype)


def numbered(lot_step: LotStep, earlier: Recorded, fresh: Fresh | None = None) -> Numbered:
    """Number all of them under the lot step's policy; rows that stand otherwise are changed.

    Runs follow each other by their start, those of one start by their SHA-256, so that the order in
    which files come makes no difference.
    """
    claims, is_passed = earlier.claims, earlier.is_passed
    if fresh is not None:
        claims = _both(claims, fresh.claims)
        is_passed = np.concatenate([is_passed, fresh.is_passed])
    decided = IdentityConflict.objects.filter(lot_step=lot_step)
    settled = {
        (ConflictKind(one.kind), one.subject): Decided(
            ConflictVerdict(one.verdict), frozenset(one.names.split(", "))
        )
        for one in decided
    }
    identities = identified(claims, settled)
    insertions = Insertions(identities.unit, is_passed, is_flagged_retest(claims.part_flag))
    standings = _in_order(insertions, claims, RetestPolicy(lot_step.policy))
    count = len(earlier.ids)
    _change(earlier, standings, identities)
    return Numbered(
        Standings(standings.attempt[count:], standings.is_final[count:]),
        {index - count: key for index, key in identities.keys.items() if index >= count},
        counted(insertions, standings),
        identities.conflicts,
    )


def set_aside(seen: Recorded, run_ids: Sequence[int]) -> Recorded:
    """Let the insertions of some runs count no more; the others."""
    left = np.flatnonzero(np.isin(seen.claims.run, run_ids)).tolist()
    keys = [_plain(seen.claims, index) for index in left]
    _renumber(seen.ids[left].tolist(), keys, [None] * len(left), [False] * len(left))
    return seen.without(run_ids)


def _insertions(unit: NDArray[np.int64], of: Recorded) -> Insertions:
    return Insertions(unit, of.is_passed, is_flagged_retest(of.claims.part_flag))


def _both(earlier: Claims, fresh: Claims) -> Claims:
    if not len(earlier):
        return fresh
    return Claims(
        wafer=np.concatenate([earlier.wafer, fresh.wafer]),
        x=np.concatenate([earlier.x, fresh.x]),
        y=np.concatenate([earlier.y, fresh.y]),
        part_id=[*earlier.part_id, *fresh.part_id],
        part_flag=np.concatenate([earlier.part_flag, fresh.part_flag]),
        run=np.concatenate([earlier.run, fresh.run]),
        index=np.concatenate([earlier.index, fresh.index]),
    )


def _in_order(insertions: Insertions, claims: Claims, policy: RetestPolicy) -> Standings:
    """Consolidated in the order they happened, given back in the order they came."""
    order = _order(claims)
    found = consolidate(
        Insertions(
            insertions.unit[order], insertions.is_passed[order], insertions.is_flagged[order]
        ),
        policy,
    )
    attempt, is_final = np.empty_like(found.attempt), np.empty_like(found.is_final)
    attempt[order], is_final[order] = found.attempt, found.is_final
    return Standings(attempt, is_final)


def _order(claims: Claims) -> NDArray[np.intp]:
    run_ids, run = np.unique(claims.run, return_inverse=True)
    if len(run_ids) < 2:
        return np.argsort(claims.index, kind="stable")
    runs = Run.objects.filter(pk__in=run_ids.tolist()).order_by("started_at", "source_sha256")
    place_of = {run_id: place for place, run_id in enumerate(runs.values_list("id", flat=True))}
    place = np.array([place_of[run_id] for run_id in run_ids.tolist()], dtype=np.int64)
    return np.lexsort((claims.index, place[run]))


def _change(earlier: Recorded, standings: Standings, identities: Identities) -> None:
    """Rows of another standing or key than before. Finals are taken away before they are given."""
    count = len(earlier.ids)
    keys = {
        index: key
        for index in _specially_named(earlier, identities)
        if (key := identities.keys.get(index) or _plain(earlier.claims, index))
        != earlier.key[index]
    }
    is_moved = standings.attempt[:count] != earlier.standings.attempt
    is_moved |= standings.is_final[:count] != earlier.standings.is_final
    is_moved[list(keys)] = True
    moved = np.flatnonzero(is_moved).tolist()
    if not moved:
        return
    _renumber(
        earlier.ids[moved].tolist(),
        [keys.get(index, earlier.key[index]) for index in moved],
        standings.attempt[moved].tolist(),
        standings.is_final[moved].tolist(),
    )


def _renumber(ids: list[int], keys: list[str], attempts: list[Any], finals: list[bool]) -> None:
    UnitResult.objects.filter(pk__in=ids, is_final=True).update(is_final=False)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("renumber_results"),
            {"ids": ids, "keys": keys, "attempts": attempts, "finals": finals},
        )


def _specially_named(earlier: Recorded, identities: Identities) -> list[int]:
    """Those whose key is, or may have been, another than they alone would tell."""
    count = len(earlier.ids)
    special = {index for index in identities.keys if index < count}
    return sorted(
        special
        | {index for index, key in enumerate(earlier.key) if key != _plain(earlier.claims, index)}
    )


def _plain(claims: Claims, index: int) -> str:
    return plain_key(
        int(claims.wafer[index]), int(claims.x[index]), int(claims.y[index]),
        claims.part_id[index], int(claims.run[index]), int(claims.index[index]),
    )  # fmt: skip
