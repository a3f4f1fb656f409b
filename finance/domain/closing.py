"""What stands between a period and its close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from finance.domain.words import CloseCheck

ADVICE = {
    CloseCheck.UNPOSTED_EVENTS: "lot events of the period are not posted yet; let the poster run",
    CloseCheck.OWED_EVENTS: "lot events of the period are owed; see the posting gaps",
    CloseCheck.QUANTITY_ISSUES: "issues on quantities are open; resolve or dismiss them",
    CloseCheck.DISPUTED_UNITS: "buckets hold units in dispute; book what was counted",
    CloseCheck.UNAPPROVED_COSTS: "cost versions that apply are not approved; approve or move them",
    CloseCheck.OUT_OF_BALANCE: "buckets do not roll forward; have the subledger verified",
    CloseCheck.UNRECONCILED: (
        "lots are carried otherwise than their events left them; see the reconciliation"
    ),
    CloseCheck.LATE_FACTS: "rows of this period are facts of earlier ones",
}
"""Check → what its count means, and what to do."""

TOLD_ONLY = frozenset({CloseCheck.LATE_FACTS})
"""Belongs on the checklist, but is no fault."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A line of the checklist. count: how many stand in the way."""

    check: CloseCheck
    count: int

    @property
    def is_open(self) -> bool:
        """Whether it keeps the period from being closed."""
        return self.count > 0 and self.check not in TOLD_ONLY

    @property
    def detail(self) -> str:
        """As a sentence."""
        return f"{self.count:,} {ADVICE[self.check]}." if self.count else "Nothing."


def open_checks(checklist: Iterable[Checked]) -> list[Checked]:
    """Those that keep a period from being closed."""
    return [line for line in checklist if line.is_open]
