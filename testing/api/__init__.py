from testing.api.burnin import BurnInResultListView, FalloutListView
from testing.api.policies import RetestRuleListView
from testing.api.programs import ProgramListView, ProgramRevisionListView
from testing.api.readings import ReadingListView
from testing.api.restatements import IdentityConflictListView, RestatementListView
from testing.api.runs import RunDetailView, RunListView, UnitResultListView
from testing.api.tables import ResultListView, SummaryListView, WaferMapView

__all__ = [
    "BurnInResultListView",
    "FalloutListView",
    "IdentityConflictListView",
    "ProgramListView",
    "ProgramRevisionListView",
    "ReadingListView",
    "RestatementListView",
    "ResultListView",
    "RetestRuleListView",
    "RunDetailView",
    "RunListView",
    "SummaryListView",
    "UnitResultListView",
    "WaferMapView",
]
