"""Dies built in that should not be, identities in conflict, and units that nobody received."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.domain.partial import resting_on
from quality.selectors.identities import (
    BuiltDie,
    Strangers,
    strangers,
    undecided_conflicts,
    wrong_dies,
)
from testing.models import IdentityConflict, LotStep

NAMES_MAX = 50


@dataclass(frozen=True, slots=True)
class Thresholds:
    """None: one is too many."""


@dataclass(frozen=True, slots=True)
class GraceThresholds:
    """grace_minutes: from the newest results, for a late notice of what came."""

    grace_minutes: int = 60


class WrongDieBuiltIn:
    """Dies of each lot's wafers, wherever they are now."""

    code = "wrong-die-built-in"
    description = "A die that failed sort, or that is on no map of its wafer, is built in."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding for each wafer lot."""
        thresholds(Thresholds, parameters)
        lots = wrong_dies(lot_ids)
        return resting_on((_wrong(dies) for dies in lots), lots)


class IdentitiesInConflict:
    """Part ids and positions of each lot step; over once a person has decided."""

    code = "identity-conflict"
    description = "Results of a lot give one unit two places, or one place two units."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding for each lot and step with open conflicts."""
        thresholds(Thresholds, parameters)
        conflicts = undecided_conflicts(lot_ids)
        return resting_on((_conflict(*one) for one in conflicts), conflicts)


class NotReceived:
    """What was tested of a lot beside what it ever had."""

    code = "tested-not-received"
    description = "More units of a lot were tested than it had, or units nobody announced."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding for each lot and step."""
        grace = timedelta(minutes=thresholds(GraceThresholds, parameters).grace_minutes)
        unknown = strangers(lot_ids)
        return resting_on((_stranger(one, grace) for one in unknown), unknown)


def _wrong(dies: Sequence[BuiltDie]) -> Finding:
    steps = Counter(die.failed_at for die in dies if die.failed_at)
    off_map = len(dies) - steps.total()
    what = [f"{count} failed {step}" for step, count in sorted(steps.items())]
    what += [f"{off_map} on no map"] if off_map else []
    wafers = {die.wafer_id for die in dies}
    named = dies[:NAMES_MAX]
    return Finding(
        cause_key=f"{WrongDieBuiltIn.code}:{dies[0].lot}",
        title=f"Dies of {dies[0].lot} are built in that should not be: {', '.join(what)}",
        lot_id=dies[0].lot_id,
        wafer_id=min(wafers) if len(wafers) == 1 else None,
        revision=f"{len(dies)} dies {_print(die.serial for die in dies)}",
        evidence=Evidence(
            statistic="dies built in",
            value=len(dies),
            limit=0,
            n=len(dies),
            method="sort-result-v1",
            facts={
                "off_the_map_count": off_map,
                "dies": [
                    {"die": die.serial, "in": die.host, "failed_at": die.failed_at or "no result"}
                    for die in named
                ],
            },
        ),
    )


def _conflict(lot_step: LotStep, conflicts: Sequence[IdentityConflict]) -> Finding:
    lot, step = lot_step.lot, lot_step.step
    subjects = [f"{one.kind} {one.subject}" for one in conflicts]
    return Finding(
        cause_key=f"{IdentitiesInConflict.code}:{lot.code}:{step.code}",
        title=f"{len(conflicts)} identities of {lot.code} at {step.code} contradict each other",
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"{len(conflicts)} conflicts {_print(subjects)}",
        evidence=Evidence(
            statistic="identities in conflict",
            value=len(conflicts),
            limit=0,
            n=lot_step.unit_count,
            method="identity-v1",
            facts={
                "conflicts": [
                    {"kind": one.kind, "of": one.subject, "are": one.names}
                    for one in conflicts[:NAMES_MAX]
                ]
            },
        ),
    )


def _stranger(one: Strangers, grace: timedelta) -> Finding:
    lot, step = one.lot_step.lot, one.lot_step.step
    what = (
        f"{len(one.names)} serials that nobody received"
        if one.names
        else f"{one.tested} units, it never had more than {one.held}"
    )
    return Finding(
        cause_key=f"{NotReceived.code}:{lot.code}:{step.code}",
        title=f"Tested of {lot.code} at {step.code}: {what}",
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"{one.tested} tested {_print(one.names)}",
        not_before=one.lot_step.changed_at + grace,
        evidence=Evidence(
            statistic="units tested",
            value=one.tested,
            limit=one.held,
            n=one.tested,
            method="received-count-v1",
            facts={"unknown_count": len(one.names), "serials": list(one.names[:NAMES_MAX])},
        ),
    )


def _print(names: Iterable[str]) -> str:
    return f"{crc32(','.join(names).encode()):08x}"
