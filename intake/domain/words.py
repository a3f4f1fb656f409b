"""The words of intake: files, their doors, states and rows."""

from __future__ import annotations

from enum import StrEnum

STDF = "stdf"
RESULTS = "results"
RESULTS_CSV = "results-csv"
WATS = "wats"
OPENHTF = "openhtf"
ARCHIVE = "archive"
"""A zip archive of several files; each is taken in as a file of its own."""
UNKNOWN = "unknown"
WOKEN = "woken"
"""Progress of a parked row that is to be tried again."""

RESULT_KINDS = frozenset({RESULTS, RESULTS_CSV, WATS, OPENHTF})
"""System-level, board and rack tests as JSON or CSV."""
TEST_KINDS = frozenset({STDF, *RESULT_KINDS})
"""Files of one tester session each; they are matched to a lot and step."""


class FileState(StrEnum):
    """Where a received file stands. Loading is shown while an attempt runs; it is never stored."""

    RECEIVED = "received"
    LOADING = "loading"
    WAITING = "waiting"
    UNMATCHED = "unmatched"
    LOADED = "loaded"
    PARTIAL = "partial"
    REJECTED = "rejected"


OWED_STATES = frozenset({FileState.RECEIVED, FileState.WAITING, FileState.UNMATCHED})
SETTLED_STATES = frozenset({FileState.LOADED, FileState.PARTIAL, FileState.REJECTED})


class Door(StrEnum):
    """By which way the bytes came in."""

    INBOX = "inbox"
    PAGE = "page"
    API = "api"
    COMMAND = "command"
    ARCHIVE = "archive"


class AttemptOutcome(StrEnum):
    """How an attempt to load ended. Lost: whoever tried is gone, and nothing of it was kept."""

    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    LOST = "lost"


class RowState(StrEnum):
    """Where a feed row stands.

    Waiting: parked until what it needs has come. Quarantined: a person must repair or drop it.
    Dropped: left out for good, by a person or because a later row made it pointless.
    """

    APPLIED = "applied"
    REPEATED = "repeated"
    WAITING = "waiting"
    QUARANTINED = "quarantined"
    DROPPED = "dropped"


OPEN_ROW_STATES = frozenset({RowState.WAITING, RowState.QUARANTINED})


class Delimiter(StrEnum):
    """What stands between the fields of a line."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    PIPE = "pipe"


class Encoding(StrEnum):
    """How a partner writes letters."""

    UTF8 = "utf-8"
    WESTERN = "cp1252"
    TAIWAN = "big5"
    CHINA = "gb18030"
    JAPAN = "shift_jis"
