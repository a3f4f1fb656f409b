from quality.selectors.issues import (
    IssueFilter,
    issue_by_number,
    issue_queue,
    issues,
    open_issue_counts,
    open_issues,
)
from quality.selectors.yields import (
    Trend,
    TrendPoint,
    rolled_yield,
    trends,
    yield_trend,
    yields_of_lot,
    yields_within,
)

__all__ = [
    "IssueFilter",
    "Trend",
    "TrendPoint",
    "issue_by_number",
    "issue_queue",
    "issues",
    "open_issue_counts",
    "open_issues",
    "rolled_yield",
    "trends",
    "yield_trend",
    "yields_of_lot",
    "yields_within",
]
