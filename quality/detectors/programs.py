"""Program revisions that decided about production without being released."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.selectors.issues import rule_parameters
from quality.selectors.programs import UnreleasedUse, unreleased_uses

LOTS_MAX = 50


@dataclass(frozen=True, slots=True)
class Thresholds:
    """grace_minutes: from the first file, for the release to be entered."""

    grace_minutes: int = 15


class UnreleasedProgram:
    """All revisions; the cause is the revision, not each lot it tested."""

    code = "unreleased-program"
    description = "Production was tested with a program revision not released at the time."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding per revision."""
        limits = thresholds(Thresholds, rule_parameters(self.code))
        grace = timedelta(minutes=limits.grace_minutes)
        return [_finding(use, grace) for use in unreleased_uses()]


def _named(lots: list[str]) -> str:
    return lots[0] if len(lots) == 1 else f"{lots[0]} and {len(lots) - 1} more"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _finding(use: UnreleasedUse, grace: timedelta) -> Finding:
    revision, first = use.revision, use.runs[0]
    product = revision.program.product.code
    lots = list(dict.fromkeys(run.lot_step.lot.code for run in use.runs))
    return Finding(
        cause_key=f"{UnreleasedProgram.code}:{product}:{revision.pk}",
        title=f"Program {revision} of {product} was not released when it tested {_named(lots)}",
        lot_id=first.lot_step.lot_id,
        step_id=first.lot_step.step_id,
        revision=f"run {use.last_run_id}",
        not_before=first.recorded_at + grace,
        evidence=Evidence(
            statistic="runs without release",
            value=use.run_count,
            limit=0,
            n=use.unit_count,
            method="release-date-v1",
            facts={
                "program": revision.program.code,
                "revision": revision.revision,
                "state": revision.state,
                "released_at": _iso(revision.released_at),
                "retired_at": _iso(revision.retired_at),
                "first_run_at": min(run.started_at for run in use.runs).isoformat(),
                "lots": lots[:LOTS_MAX],
                "files": [run.source_name for run in use.runs[:LOTS_MAX]],
                "testers": sorted({run.tester.code for run in use.runs}),
            },
        ),
    )
