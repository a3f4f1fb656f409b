"""Units that went past a test which they did not pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from lots.domain.words import LotState
from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.selectors.escapes import Escape, escapes
from quality.selectors.let_through import DETECTOR
from quality.selectors.passed_steps import passed_result_steps

SERIALS_MAX = 50
GONE = {LotState.SHIPPED: "shipped", LotState.FINISHED: "used up"}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """grace_minutes: rejects and retests are often reported later than the move."""

    grace_minutes: int = 60


class EscapedUnits:
    """Every step requiring results that these lots have gone past without a waiver."""

    code = DETECTOR
    description = "Good units of a lot are beyond a required test that they did not pass."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding for each lot and step with such units."""
        grace = timedelta(minutes=thresholds(Thresholds, parameters).grace_minutes)
        return [_finding(one, grace) for one in escapes(passed_result_steps(lot_ids))]


def _finding(one: Escape, grace: timedelta) -> Finding:
    lot, step = one.passed.lot, one.passed.step
    where = GONE.get(LotState(lot.state), f"now at {lot.step.code}")
    built = f", {one.built_in} of them built in" if one.built_in else ""
    return Finding(
        cause_key=f"{EscapedUnits.code}:{lot.code}:{step.code}",
        title=(f"{one.failed} good units of {lot.code} failed {step.code} and are {where}{built}"),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"{one.failed} units {crc32(','.join(one.serials).encode()):08x}",
        not_before=one.passed.passed_at + grace,
        evidence=Evidence(
            statistic="units that failed and went on",
            value=one.failed,
            limit=0,
            n=one.tested,
            method="deciding-insertion-v1",
            facts={
                "stands_at": lot.step.code,
                "lot_state": lot.state,
                "built_in_count": one.built_in,
                "serials": list(one.serials[:SERIALS_MAX]),
            },
        ),
    )
