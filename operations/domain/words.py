"""Words of cases and bulk jobs."""

from __future__ import annotations

from enum import StrEnum


class CaseState(StrEnum):
    """Life of a recall case. It closes once nothing is exposed any more."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Origin(StrEnum):
    """From what a recall starts."""

    LOT = "lot"
    WAFER = "wafer"
    ZONE = "zone"
    TESTER = "tester"
    OVEN = "oven"
    SERIALS = "serials"
    DECLARED = "declared"


class Place(StrEnum):
    """Where an affected unit or lot is now."""

    WIP = "wip"
    BANK = "bank"
    SHIPPED = "shipped"
    FINISHED = "finished"
    INSTALLED = "installed"
    DEPLOYED = "deployed"
    MISSING = "missing"
    SCRAPPED = "scrapped"


class RecallAct(StrEnum):
    """What is done to an open recall case."""

    REFRESH = "refresh"
    SETTLE = "settle"
    CLOSE = "close"
    CANCEL = "cancel"


class JobState(StrEnum):
    """Life of a bulk job. First every lot is tried; a person looks at the outcome and agrees."""

    CHECKING = "checking"
    CHECKED = "checked"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


OWED_STATES = (JobState.CHECKING, JobState.WAITING, JobState.RUNNING)
"""A worker has something to do."""


class ItemState(StrEnum):
    """What became of one lot of a bulk job. Ready: tried, and would be done."""

    WAITING = "waiting"
    READY = "ready"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
