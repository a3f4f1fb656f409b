from __future__ import annotations

from django.urls import URLPattern, path

from intake.api import feeds, rows, rules, views

api_urlpatterns = [
    path("files", views.FileListView.as_view(), name="api-rawfile-list"),
    path("files/<str:sha256>", views.FileDetailView.as_view(), name="api-rawfile-detail"),
    path("files/<str:sha256>/rows", rows.FeedRowListView.as_view(), name="api-feedrow-list"),
    path(
        "files/<str:sha256>/rows/<int:number>",
        rows.FeedRowView.as_view(),
        name="api-feedrow-detail",
    ),
    path("match-rules", rules.MatchRuleListView.as_view(), name="api-matchrule-list"),
    path("expected-files", feeds.ExpectedFileListView.as_view(), name="api-expectedfile-list"),
]
urlpatterns: list[URLPattern] = []
