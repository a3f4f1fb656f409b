from testing.api.readings import ReadingListView
from testing.api.runs import RunDetailView, RunListView, UnitResultListView
from testing.api.tables import ResultListView, SummaryListView, WaferMapView

__all__ = [
    "ReadingListView",
    "ResultListView",
    "RunDetailView",
    "RunListView",
    "SummaryListView",
    "UnitResultListView",
    "WaferMapView",
]
