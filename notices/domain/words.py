"""The words of telling people: what is told, how urgent it is, and where a telling stands."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody must look, least first."""

    INFORMATION = "information"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(type(self)).index(self)


class NoticeKind(StrEnum):
    """What is told, as a receiver of webhooks reads it."""

    ISSUE_OPENED = "issue.opened"
    ISSUE_REOPENED = "issue.reopened"
    ISSUE_ASSIGNED = "issue.assigned"
    DISPOSITION_PROPOSED = "disposition.proposed"
    PERIOD_CLOSED = "period.closed"
    EXPORT_READY = "export.ready"
    LEDGER_ADVANCED = "ledger.advanced"
    TEST = "test"


BY_NAME_ONLY = frozenset(
    {NoticeKind.PERIOD_CLOSED, NoticeKind.EXPORT_READY, NoticeKind.LEDGER_ADVANCED}
)
"""Told to who names them, whatever severity, product and company else is wanted."""


class DeliveryState(StrEnum):
    """Where one telling stands. repeated: kept back, for its cause was told a short while ago."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    REPEATED = "repeated"
    CANCELLED = "cancelled"
