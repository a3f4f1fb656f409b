from quality.selectors.issues import issue_with_history, issues, open_issues
from quality.selectors.yields import (
    Trend,
    TrendPoint,
    rolled_yield,
    yield_trend,
    yields_of_lot,
)

__all__ = [
    "Trend",
    "TrendPoint",
    "issue_with_history",
    "issues",
    "open_issues",
    "rolled_yield",
    "yield_trend",
    "yields_of_lot",
]
