"""Rows of partners' reports that a person must repair or drop."""

from __future__ import annotations

from datetime import datetime

from intake.selectors import QuarantinedFile, files_with_quarantined_rows
from quality.detectors.frame import Evidence, Finding, Severity, resting_on

FILES_MAX = 1000


class RowsQuarantined:
    """One cause a file; it clears when its rows are applied or dropped."""

    code = "feed-rows-quarantined"
    description = "Rows of a partner's report could not be applied and wait for a person."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        files = files_with_quarantined_rows(FILES_MAX)
        return resting_on((_finding(one) for one in files), files)


def _finding(one: QuarantinedFile) -> Finding:
    return Finding(
        cause_key=f"{RowsQuarantined.code}:{one.sha256}",
        title=f"{one.rows} rows of {one.name[:120]} are in quarantine",
        severity=Severity.MINOR,
        revision=f"{one.rows} rows",
        evidence=Evidence(
            statistic="rows in quarantine",
            value=one.rows,
            limit=0,
            method="count-v1",
            facts={"file": one.name, "sha256": one.sha256, "first_reason": one.reason},
        ),
    )
