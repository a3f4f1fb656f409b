from quality.models.issues import Issue, IssueCounter, IssueEvent
from quality.models.rules import Rule, YieldLimit
from quality.models.work import LedgerCursor, PendingReview
from quality.models.yields import YieldFigure

__all__ = [
    "Issue",
    "IssueCounter",
    "IssueEvent",
    "LedgerCursor",
    "PendingReview",
    "Rule",
    "YieldFigure",
    "YieldLimit",
]
