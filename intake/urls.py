from __future__ import annotations

from django.urls import URLPattern, path

from intake.api import feeds, rematching, rows, rules, views

api_urlpatterns = [
    path("files", views.FileListView.as_view(), name="api-rawfile-list"),
    path("files/<str:sha256>", views.FileDetailView.as_view(), name="api-rawfile-detail"),
    path("files/<str:sha256>/rows", rows.FeedRowListView.as_view(), name="api-feedrow-list"),
    path(
        "files/<str:sha256>/rows/<int:number>",
        rows.FeedRowView.as_view(),
        name="api-feedrow-detail",
    ),
    path(
        "runs/<str:name>/match-anew", rematching.MatchAnewView.as_view(), name="api-run-match-anew"
    ),
    path(
        "runs/<str:name>/match-anew/trial",
        rematching.MatchAnewTrialView.as_view(),
        name="api-run-match-anew-trial",
    ),
    path("runs/<str:name>/take-back", rematching.TakeBackView.as_view(), name="api-run-take-back"),
    path(
        "runs/<str:name>/take-back/trial",
        rematching.TakeBackTrialView.as_view(),
        name="api-run-take-back-trial",
    ),
    path("match-rules", rules.MatchRuleListView.as_view(), name="api-matchrule-list"),
    path("expected-files", feeds.ExpectedFileListView.as_view(), name="api-expectedfile-list"),
]
urlpatterns: list[URLPattern] = []
