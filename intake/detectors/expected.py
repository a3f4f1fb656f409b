"""Files that partners owe and have not sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from intake.selectors import Expectation, late_files
from quality.detectors.frame import Evidence, Finding, Severity, resting_on


class FileMissing:
    """One cause an expectation; it clears when the file comes."""

    code = "file-missing"
    description = "A file that a partner has agreed to send has not arrived."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        late = late_files(now)
        return resting_on((_finding(one, now) for one in late), late)


def _finding(one: Expectation, now: datetime) -> Finding:
    hours = (now - one.due_at) / timedelta(hours=1)
    row = one.expected
    return Finding(
        cause_key=f"{FileMissing.code}:{row.pk}",
        title=f"{row.name} of {row.supplier.code} has not arrived",
        severity=Severity.MAJOR,
        revision=one.due_at.isoformat(),
        evidence=Evidence(
            statistic="hours since it was due",
            value=hours,
            limit=row.grace_hours,
            method="due-v1",
            facts={
                "supplier": row.supplier.code,
                "due_at": one.due_at.isoformat(),
                "last_arrived_at": one.arrived_at.isoformat() if one.arrived_at else "never",
                "last_file": one.arrived_name,
                "expected": row.name_pattern or row.kind,
            },
        ),
    )
