from __future__ import annotations

from django.urls import URLPattern, path

from quality.api import views

api_urlpatterns = [
    path("issues", views.IssueListView.as_view(), name="api-issue-list"),
    path("issues/<str:number>", views.IssueDetailView.as_view(), name="api-issue-detail"),
    path("issues/<str:number>/acts", views.IssueActsView.as_view(), name="api-issue-act-list"),
]
urlpatterns: list[URLPattern] = []
