"""The words of quality: yields, limits, issues and their life."""

from __future__ import annotations

from enum import StrEnum


class YieldScope(StrEnum):
    """What a yield figure is about, within one lot at one step."""

    LOT = "lot"
    WAFER = "wafer"
    PROGRAM = "program"
    SITE = "site"


class Statistic(StrEnum):
    """Which number of a lot at a step is judged."""

    FIRST_YIELD = "first-yield"
    FINAL_YIELD = "final-yield"
    BIN_SHARE = "bin-share"
    SITE_YIELD = "site-yield"
    WAFER_PATTERN = "wafer-pattern"


class Severity(StrEnum):
    """How soon somebody must look."""

    INFORMATION = "information"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class IssueState(StrEnum):
    """Where an issue stands. The allowed moves are a table in `issue_life`."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class IssueEventKind(StrEnum):
    """What can happen to an issue, as written in its history."""

    OPENED = "opened"
    FOUND_AGAIN = "found-again"
    CLEARED = "cleared"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    COMMENTED = "commented"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    REOPENED = "reopened"
    HELD = "held"
    HOLD_REFUSED = "hold-refused"


OPEN_STATES = frozenset({IssueState.OPEN, IssueState.ACKNOWLEDGED, IssueState.INVESTIGATING})
CLOSED_STATES = frozenset({IssueState.RESOLVED, IssueState.DISMISSED})
