"""What stands between a period and its close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from finance.domain.words import CloseCheck

WORDS = {
    CloseCheck.UNPOSTED_EVENTS: ("Lot events of the period not posted yet", "Let the poster run."),
    CloseCheck.OWED_EVENTS: ("Lot events of the period still owed", "See the posting gaps."),
    CloseCheck.QUANTITY_ISSUES: ("Open issues on quantities", "Resolve or dismiss them."),
    CloseCheck.DISPUTED_UNITS: (
        "Buckets with units in dispute",
        "Book what was counted, in any period.",
    ),
    CloseCheck.UNAPPROVED_COSTS: (
        "Cost versions that apply and are not approved",
        "Approve them or give them up.",
    ),
    CloseCheck.UNAPPROVED_DOCUMENTS: (
        "Documents of the period that wait for approval",
        "Approve them or give them up.",
    ),
    CloseCheck.OVER_INVOICED: (
        "Lots of which more is invoiced than was received",
        "Ask their supplier for a credit note.",
    ),
    CloseCheck.OUT_OF_BALANCE: (
        "Buckets that do not roll forward",
        "Have the subledger verified.",
    ),
    CloseCheck.UNRECONCILED: (
        "Lots carried otherwise than their events left them",
        "See the reconciliation.",
    ),
    CloseCheck.LATE_FACTS: ("Rows of this period that are facts of earlier ones", ""),
}
"""Check → what it counts, and what to do."""

TOLD_ONLY = frozenset({CloseCheck.LATE_FACTS, CloseCheck.OVER_INVOICED})
"""Belongs on the checklist, but is no fault of the books."""


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
        """As a sentence or two."""
        counted, advice = WORDS[self.check]
        return f"{counted}: {self.count:,}. {advice}".rstrip() if self.count else "Nothing."


def open_checks(checklist: Iterable[Checked]) -> list[Checked]:
    """Those that keep a period from being closed."""
    return [line for line in checklist if line.is_open]
