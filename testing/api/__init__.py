from testing.api.readings import ReadingListView
from testing.api.restatements import IdentityConflictListView, RestatementListView
from testing.api.runs import RunDetailView, RunListView, UnitResultListView
from testing.api.tables import ResultListView, SummaryListView, WaferMapView

__all__ = [
    "IdentityConflictListView",
    "ReadingListView",
    "RestatementListView",
    "ResultListView",
    "RunDetailView",
    "RunListView",
    "SummaryListView",
    "UnitResultListView",
    "WaferMapView",
]
