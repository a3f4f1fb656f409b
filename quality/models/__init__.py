from quality.models.dispositions import (
    Disposition,
    DispositionAct,
    RequiredSignature,
    Signature,
)
from quality.models.issues import Issue, IssueCounter, IssueEvent
from quality.models.rules import Rule, YieldLimit
from quality.models.work import LedgerCursor, PendingReview
from quality.models.yields import YieldFigure

__all__ = [
    "Disposition",
    "DispositionAct",
    "Issue",
    "IssueCounter",
    "IssueEvent",
    "LedgerCursor",
    "PendingReview",
    "RequiredSignature",
    "Rule",
    "Signature",
    "YieldFigure",
    "YieldLimit",
]
