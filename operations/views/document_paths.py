"""Pages of documents that change what stock is carried at."""

from __future__ import annotations

from django.urls import path

from operations.views import revaluations, write_downs

pages = [
    path(
        "finance/revaluations",
        revaluations.RevaluationListPage.as_view(),
        name="finance-revaluations",
    ),
    path(
        "finance/revaluations/new",
        revaluations.RevaluationNewPage.as_view(),
        name="finance-revaluation-new",
    ),
    path(
        "finance/revaluations/<int:pk>",
        revaluations.RevaluationPage.as_view(),
        name="finance-revaluation",
    ),
    path(
        "finance/revaluations/<int:pk>.csv",
        revaluations.RevaluationCsv.as_view(),
        name="finance-revaluation-csv",
    ),
    path(
        "finance/revaluations/<int:pk>/<slug:act>",
        revaluations.RevaluationActPage.as_view(),
        name="finance-revaluation-act",
    ),
    path(
        "finance/write-downs",
        write_downs.WriteDownListPage.as_view(),
        name="finance-write-downs",
    ),
    path(
        "finance/write-downs/new",
        write_downs.WriteDownNewPage.as_view(),
        name="finance-write-down-new",
    ),
    path(
        "finance/write-downs/<int:pk>",
        write_downs.WriteDownPage.as_view(),
        name="finance-write-down",
    ),
    path(
        "finance/write-downs/<int:pk>/<slug:act>",
        write_downs.WriteDownActPage.as_view(),
        name="finance-write-down-act",
    ),
]
