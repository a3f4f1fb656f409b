"""Test files that nobody has matched for too long."""

from __future__ import annotations

from datetime import datetime, timedelta

from intake.models import RawFile
from intake.selectors import files_unmatched_since
from quality.detectors.frame import Evidence, Finding, Severity, first_of, resting_on

UNMATCHED_HOURS_MAX = 24
FILES_MAX = 1000


class FileUnmatched:
    """One cause a file; it clears when the file is loaded."""

    code = "file-unmatched"
    description = "A test file has waited more than a day for its lot, step or wafers."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        files = files_unmatched_since(now - timedelta(hours=UNMATCHED_HOURS_MAX))
        read = first_of(files, FILES_MAX)
        return resting_on((_finding(file, now) for file in read), read)


def _finding(file: RawFile, now: datetime) -> Finding:
    hours = (now - file.received_at) / timedelta(hours=1)
    return Finding(
        cause_key=f"{FileUnmatched.code}:{file.sha256}",
        title=f"{file.name[:120]} has waited {hours:.0f} hours for a match",
        severity=Severity.MINOR,
        revision=file.sha256,
        evidence=Evidence(
            statistic="hours unmatched",
            value=hours,
            limit=UNMATCHED_HOURS_MAX,
            method="age-v1",
            facts={"file": file.name, "sha256": file.sha256, "reason": file.message},
        ),
    )
