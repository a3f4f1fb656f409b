from quality.models.attachments import AttachmentWithdrawal, IssueAttachment
from quality.models.books import (
    COUNTS,
    SUMS,
    DownBin,
    OwedYield,
    YieldBook,
    YieldPart,
    YieldRestatement,
    YieldTotal,
    YieldWeek,
)
from quality.models.budget import Flag, WeighedWeek, Weighing
from quality.models.dispositions import (
    Disposition,
    DispositionAct,
    RequiredSignature,
    Signature,
)
from quality.models.issues import Issue, IssueCounter, IssueEvent
from quality.models.limits import LimitLot, LimitVersion
from quality.models.rules import Rule, YieldLimit
from quality.models.sightings import ExplainedLot, Sighting
from quality.models.work import LedgerCursor, PendingReview, PendingSeries, PendingTable
from quality.models.yields import YieldFigure

__all__ = [
    "COUNTS",
    "SUMS",
    "AttachmentWithdrawal",
    "Disposition",
    "DispositionAct",
    "DownBin",
    "ExplainedLot",
    "Flag",
    "Issue",
    "IssueAttachment",
    "IssueCounter",
    "IssueEvent",
    "LedgerCursor",
    "LimitLot",
    "LimitVersion",
    "OwedYield",
    "PendingReview",
    "PendingSeries",
    "PendingTable",
    "RequiredSignature",
    "Rule",
    "Sighting",
    "Signature",
    "WeighedWeek",
    "Weighing",
    "YieldBook",
    "YieldFigure",
    "YieldLimit",
    "YieldPart",
    "YieldRestatement",
    "YieldTotal",
    "YieldWeek",
]
