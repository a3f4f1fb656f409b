from __future__ import annotations

from django.urls import URLPattern, path

from quality.api import views

api_urlpatterns = [
    path("issues", views.IssueListView.as_view(), name="api-issue-list"),
    path("issues/<str:number>", views.IssueDetailView.as_view(), name="api-issue-detail"),
    path(
        "issues/<str:number>/actions", views.IssueActsView.as_view(), name="api-issue-action-list"
    ),
]
urlpatterns: list[URLPattern] = []
