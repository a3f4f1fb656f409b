"""The words of quality: yields, limits, issues and their life."""

from __future__ import annotations

from enum import StrEnum


class YieldScope(StrEnum):
    """What a yield figure is about, within one lot at one step."""

    LOT = "lot"
    WAFER = "wafer"
    PROGRAM = "program"
    SITE = "site"


class YieldSlice(StrEnum):
    """What units are told apart by, as they were first inserted; whole is all of them."""

    WHOLE = "whole"
    WAFER = "wafer"
    ZONE = "zone"
    TESTER = "tester"
    SITE = "site"
    CARD = "card"
    BOARD = "board"
    OVEN = "oven"
    PROGRAM = "program"


class WaferZone(StrEnum):
    """Ring of a wafer by distance from its middle: to 0.5, 0.75, 0.9 of the radius, and beyond."""

    CENTRE = "centre"
    MIDDLE = "middle"
    OUTER = "outer"
    EDGE = "edge"


class YieldGrade(StrEnum):
    """Which passing units count: those of a prime bin, or all that can be sold."""

    PRIME = "prime"
    SELLABLE = "sellable"


class YieldPass(StrEnum):
    """Which insertion of a unit is asked: its first, or the one that decides."""

    FIRST = "first"
    FINAL = "final"


class YieldCause(StrEnum):
    """Why the yield of a lot step was stated anew."""

    RESULTS = "results"
    BINS = "bins"
    LOT = "lot"
    RECOUNT = "recount"


class Statistic(StrEnum):
    """Which number of a lot at a step is judged."""

    FIRST_YIELD = "first-yield"
    FINAL_YIELD = "final-yield"
    BIN_SHARE = "bin-share"
    SITE_YIELD = "site-yield"
    WAFER_PATTERN = "wafer-pattern"
    PART_OUTLIERS = "part-outliers"


class LimitKind(StrEnum):
    """What a limit version judges, and by which statistic."""

    SYL = "syl"
    SBL = "sbl"
    STATIC_PAT = "static-pat"
    DYNAMIC_PAT = "dynamic-pat"
    GDBN = "gdbn"
    NNR = "nnr"
    SPEC = "spec"
    CHART_P = "chart-p"
    CHART_LANEY = "chart-laney"
    CHART_U = "chart-u"
    CHART_IMR = "chart-imr"
    CHART_EWMA = "chart-ewma"
    CHART_CUSUM = "chart-cusum"


class RuleSet(StrEnum):
    """Which patterns of points on a control chart signal."""

    LIMIT = "limit"
    WESTERN_ELECTRIC = "western-electric"
    NELSON = "nelson"


class LimitState(StrEnum):
    """Where a limit version stands at a moment."""

    DRAFT = "draft"
    COMING = "coming"
    IN_FORCE = "in-force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class IssueState(StrEnum):
    """Where an issue stands. The allowed moves are a table in `issue_life`."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    RESOLVED = "resolved"
    VERIFIED = "verified"
    DISMISSED = "dismissed"
    MERGED = "merged"


class IssueEventKind(StrEnum):
    """What can happen to an issue, as written in its history."""

    OPENED = "opened"
    FOUND_AGAIN = "found-again"
    ESCALATED = "escalated"
    CLEARED = "cleared"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    COMMENTED = "commented"
    PLANNED = "planned"
    SNOOZED = "snoozed"
    VERIFIED = "verified"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    REOPENED = "reopened"
    MERGED = "merged"
    TOOK_IN = "took-in"
    SEPARATED = "separated"
    GAVE_BACK = "gave-back"
    ATTACHED = "attached"
    FILE_WITHDRAWN = "file-withdrawn"
    HELD = "held"
    HOLD_REFUSED = "hold-refused"
    PROPOSED = "proposed"
    SIGNED = "signed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CARRIED_OUT = "carried-out"


FOUND_KINDS = frozenset(
    {IssueEventKind.OPENED, IssueEventKind.FOUND_AGAIN, IssueEventKind.REOPENED}
)


class DispositionKind(StrEnum):
    """What is decided on material that does not conform."""

    USE_AS_IS = "use-as-is"
    RETEST = "retest"
    REWORK = "rework"
    SCRAP = "scrap"
    RETURN = "return-to-vendor"


class DispositionState(StrEnum):
    """Where a disposition stands. The allowed moves are a table in `dispositions`."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    CARRIED_OUT = "carried-out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class DispositionStep(StrEnum):
    """What people do with a disposition once it is proposed."""

    SIGN = "sign"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CARRY_OUT = "carry-out"


OPEN_STATES = frozenset({IssueState.OPEN, IssueState.ACKNOWLEDGED, IssueState.INVESTIGATING})
CLOSED_STATES = frozenset(
    {IssueState.RESOLVED, IssueState.VERIFIED, IssueState.DISMISSED, IssueState.MERGED}
)
DEALT_WITH = frozenset({IssueState.RESOLVED, IssueState.VERIFIED})
UNDECIDED = frozenset({DispositionState.PROPOSED, DispositionState.SIGNED})
