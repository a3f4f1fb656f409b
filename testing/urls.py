from __future__ import annotations

from django.urls import URLPattern, path

from testing import api

api_urlpatterns = [
    path("results", api.ResultListView.as_view(), name="api-result-list"),
    path("summaries", api.SummaryListView.as_view(), name="api-summary-list"),
    path("readings", api.ReadingListView.as_view(), name="api-reading-list"),
    path("burn-in-results", api.BurnInResultListView.as_view(), name="api-burninunit-list"),
    path("burn-in-fallout", api.FalloutListView.as_view(), name="api-burninfallout-list"),
    path("retest-rules", api.RetestRuleListView.as_view(), name="api-retestrule-list"),
    path("wafers/<path:code>/map", api.WaferMapView.as_view(), name="api-wafer-map"),
    path("runs", api.RunListView.as_view(), name="api-run-list"),
    path("runs/<str:name>", api.RunDetailView.as_view(), name="api-run-detail"),
    path("programs", api.ProgramListView.as_view(), name="api-program-list"),
    path(
        "program-revisions",
        api.ProgramRevisionListView.as_view(),
        name="api-programrevision-list",
    ),
    path("restatements", api.RestatementListView.as_view(), name="api-restatement-list"),
    path(
        "identity-conflicts",
        api.IdentityConflictListView.as_view(),
        name="api-identityconflict-list",
    ),
    path(
        "units/<str:serial>/results", api.UnitResultListView.as_view(), name="api-unitresult-list"
    ),
]
urlpatterns: list[URLPattern] = []
