"""A lot that went past a test without results, or with fewer than it has units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.selectors.passed_steps import Coverage, PassedStep, coverage, passed_result_steps

NAMES_MAX = 50


@dataclass(frozen=True, slots=True)
class Thresholds:
    """grace_minutes: results often come later than the move."""

    grace_minutes: int = 60


class MissingTestData:
    """Every step requiring results that these lots have gone past, also by leaving it out."""

    code = "missing-test-data"
    description = "A lot moved past a test with no result, or fewer results than units."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding per lot and step with something missing."""
        grace = timedelta(minutes=thresholds(Thresholds, parameters).grace_minutes)
        passed = passed_result_steps(lot_ids)
        covered = coverage(passed)
        return [
            _finding(one, shown, grace)
            for one in passed
            if (shown := covered[one.lot.pk, one.step.pk]).missing
        ]


def _finding(passed: PassedStep, shown: Coverage, grace: timedelta) -> Finding:
    lot, step = passed.lot, passed.step
    has = shown.expected - len(shown.missing)
    return Finding(
        cause_key=f"{MissingTestData.code}:{lot.code}:{step.code}",
        title=(
            f"{lot.code} went past {step.code} with results for {has} of "
            f"{shown.expected} {shown.noun}"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        not_before=passed.passed_at + grace,
        evidence=Evidence(
            statistic=f"{shown.noun} with results",
            value=has,
            limit=shown.expected,
            n=shown.expected,
            method="coverage-v1",
            facts={
                "stands_at": lot.step.code,
                "missing": [name for name in shown.missing[:NAMES_MAX] if name],
                "missing_count": len(shown.missing),
            },
        ),
    )
