from __future__ import annotations

from django.urls import URLPattern, path

from finance import api

api_urlpatterns = [
    path("finance/ledger", api.LedgerView.as_view(), name="api-ledger-list"),
    path("finance/balances", api.BalancesView.as_view(), name="api-balance-list"),
    path("finance/rollforward", api.RollforwardView.as_view(), name="api-rollforward-list"),
    path(
        "finance/reconciliation", api.ReconciliationView.as_view(), name="api-reconciliation-list"
    ),
    path(
        "finance/reconciliation/<str:code>",
        api.ClosedReconciliationView.as_view(),
        name="api-reconciliation-detail",
    ),
    path("finance/posting-rules", api.PostingRulesView.as_view(), name="api-posting-rules-list"),
    path(
        "finance/posting-rules/<str:code>/trial",
        api.RuleTrialView.as_view(),
        name="api-posting-rules-trial",
    ),
    path("finance/posting-table", api.PostingTableView.as_view(), name="api-posting-table-list"),
    path("finance/variances", api.VarianceView.as_view(), name="api-variance-list"),
    path(
        "finance/received-not-invoiced",
        api.UninvoicedView.as_view(),
        name="api-received-not-invoiced-list",
    ),
    path("finance/items", api.ItemView.as_view(), name="api-item-list"),
    path("finance/standard-costs", api.StandardCostView.as_view(), name="api-standard-cost-list"),
    path("finance/cost-roll-ups", api.RollUpListView.as_view(), name="api-cost-roll-up-list"),
    path(
        "finance/cost-roll-ups/<str:code>",
        api.RollUpDetailView.as_view(),
        name="api-cost-roll-up-detail",
    ),
    path(
        "finance/custodian-statement",
        api.CustodianStatementView.as_view(),
        name="api-custodian-statement",
    ),
    path("finance/assets", api.AssetView.as_view(), name="api-asset-list"),
    path("finance/assets/<str:serial>", api.AssetLifeView.as_view(), name="api-asset-life"),
    path("finance/asset-plan", api.AssetPlanView.as_view(), name="api-asset-plan"),
    path("finance/journals/<str:code>", api.JournalView.as_view(), name="api-journal-detail"),
    path("finance/periods", api.PeriodListView.as_view(), name="api-period-list"),
    path("finance/periods/<str:code>", api.PeriodView.as_view(), name="api-period-detail"),
    path(
        "finance/periods/<str:code>/closes",
        api.CloseListView.as_view(),
        name="api-period-close-list",
    ),
    path(
        "finance/periods/<str:code>/closes/<int:version>",
        api.CloseDetailView.as_view(),
        name="api-period-close-detail",
    ),
    path(
        "finance/periods/<str:code>/closes/<int:version>/approve",
        api.CloseApprovalView.as_view(),
        name="api-period-close-approval",
    ),
    path("finance/exports", api.ExportListView.as_view(), name="api-export-list"),
    path("finance/exports/<uuid:pk>", api.ExportDetailView.as_view(), name="api-export-detail"),
    path(
        "finance/exports/<uuid:pk>/files/<int:number>",
        api.ExportFileView.as_view(),
        name="api-export-file",
    ),
    path("finance/write-downs", api.WriteDownListView.as_view(), name="api-write-down-list"),
    path(
        "finance/write-downs/<int:pk>",
        api.WriteDownDetailView.as_view(),
        name="api-write-down-detail",
    ),
    path(
        "finance/write-downs/<int:pk>/preview",
        api.WriteDownPreviewView.as_view(),
        name="api-write-down-preview",
    ),
    path(
        "finance/write-downs/<int:pk>/approve",
        api.WriteDownApprovalView.as_view(),
        name="api-write-down-approval",
    ),
    path("finance/invoices", api.InvoiceListView.as_view(), name="api-invoice-list"),
    path("finance/invoices/<int:pk>", api.InvoiceDetailView.as_view(), name="api-invoice-detail"),
    path(
        "finance/invoices/<int:pk>/preview",
        api.InvoicePreviewView.as_view(),
        name="api-invoice-preview",
    ),
    path(
        "finance/invoices/<int:pk>/approve",
        api.InvoiceApprovalView.as_view(),
        name="api-invoice-approval",
    ),
    path("finance/revaluations", api.RevaluationListView.as_view(), name="api-revaluation-list"),
    path(
        "finance/revaluations/preview",
        api.RevaluationTrialView.as_view(),
        name="api-revaluation-trial",
    ),
    path(
        "finance/revaluations/<int:pk>",
        api.RevaluationDetailView.as_view(),
        name="api-revaluation-detail",
    ),
    path(
        "finance/revaluations/<int:pk>/lines",
        api.RevaluationLineView.as_view(),
        name="api-revaluation-line-list",
    ),
    path(
        "finance/revaluations/<int:pk>/preview",
        api.RevaluationPreviewView.as_view(),
        name="api-revaluation-preview",
    ),
    path(
        "finance/revaluations/<int:pk>/approve",
        api.RevaluationApprovalView.as_view(),
        name="api-revaluation-approval",
    ),
]
urlpatterns: list[URLPattern] = []
