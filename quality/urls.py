from __future__ import annotations

from django.urls import URLPattern, path

from quality.api import (
    attachments,
    charts,
    dispositions,
    limits,
    reliability,
    step_yields,
    views,
    yields,
)

api_urlpatterns = [
    path("yields", yields.YieldTotalListView.as_view(), name="api-yield-list"),
    path("lot-yields", yields.LotYieldListView.as_view(), name="api-lotyield-list"),
    path("step-yields", step_yields.StepYieldView.as_view(), name="api-stepyield-list"),
    path(
        "yield-restatements",
        yields.YieldRestatementListView.as_view(),
        name="api-yieldrestatement-list",
    ),
    path("reliability", reliability.ReliabilityView.as_view(), name="api-reliability"),
    path("charts", charts.ControlChartView.as_view(), name="api-chart"),
    path("limits", limits.LimitVersionListView.as_view(), name="api-limitversion-list"),
    path(
        "limits/<int:pk>", limits.LimitVersionDetailView.as_view(), name="api-limitversion-detail"
    ),
    path(
        "limits/<int:pk>/actions",
        limits.LimitVersionActsView.as_view(),
        name="api-limitversion-action-list",
    ),
    path("issues", views.IssueListView.as_view(), name="api-issue-list"),
    path("issues/<str:number>", views.IssueDetailView.as_view(), name="api-issue-detail"),
    path(
        "issues/<str:number>/actions", views.IssueActsView.as_view(), name="api-issue-action-list"
    ),
    path(
        "issues/<str:number>/similar",
        views.SimilarIssuesView.as_view(),
        name="api-issue-similar-list",
    ),
    path(
        "issues/<str:number>/effectiveness",
        views.EffectivenessView.as_view(),
        name="api-issue-effectiveness",
    ),
    path(
        "issues/<str:number>/attachments",
        attachments.IssueAttachmentsView.as_view(),
        name="api-issue-attachment-list",
    ),
    path(
        "issues/<str:number>/attachments/<int:pk>",
        attachments.IssueAttachmentView.as_view(),
        name="api-issue-attachment-detail",
    ),
    path(
        "issues/<str:number>/attachments/<int:pk>/withdrawal",
        attachments.IssueAttachmentWithdrawalView.as_view(),
        name="api-issue-attachment-withdrawal",
    ),
    path(
        "issues/<str:number>/dispositions",
        dispositions.IssueDispositionsView.as_view(),
        name="api-issue-disposition-list",
    ),
    path("dispositions", dispositions.DispositionListView.as_view(), name="api-disposition-list"),
    path(
        "dispositions/<str:number>",
        dispositions.DispositionDetailView.as_view(),
        name="api-disposition-detail",
    ),
    path(
        "dispositions/<str:number>/actions",
        dispositions.DispositionActsView.as_view(),
        name="api-disposition-action-list",
    ),
]
urlpatterns: list[URLPattern] = []
