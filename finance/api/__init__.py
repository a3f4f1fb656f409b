from finance.api.asset_lives import AssetLifeView
from finance.api.asset_plans import AssetPlanView
from finance.api.closes import CloseApprovalView, CloseDetailView, CloseListView
from finance.api.exports import ExportDetailView, ExportFileView, ExportListView
from finance.api.invoices import (
    InvoiceApprovalView,
    InvoiceDetailView,
    InvoiceListView,
    InvoicePreviewView,
)
from finance.api.journals import JournalView
from finance.api.ledger import LedgerView
from finance.api.periods import PeriodListView, PeriodView
from finance.api.posting_rules import PostingRulesView, RuleTrialView
from finance.api.posting_table import PostingTableView
from finance.api.reconciliation import ClosedReconciliationView, ReconciliationView
from finance.api.registers import (
    AssetView,
    CustodianStatementView,
    ItemView,
    StandardCostView,
)
from finance.api.revaluations import (
    RevaluationApprovalView,
    RevaluationDetailView,
    RevaluationLineView,
    RevaluationListView,
    RevaluationPreviewView,
    RevaluationTrialView,
)
from finance.api.rollups import RollUpDetailView, RollUpListView
from finance.api.sums import BalancesView, RollforwardView
from finance.api.uninvoiced import UninvoicedView
from finance.api.variances import VarianceView
from finance.api.write_downs import (
    WriteDownApprovalView,
    WriteDownDetailView,
    WriteDownListView,
    WriteDownPreviewView,
)

__all__ = [
    "AssetLifeView",
    "AssetPlanView",
    "AssetView",
    "BalancesView",
    "CloseApprovalView",
    "CloseDetailView",
    "CloseListView",
    "ClosedReconciliationView",
    "CustodianStatementView",
    "ExportDetailView",
    "ExportFileView",
    "ExportListView",
    "InvoiceApprovalView",
    "InvoiceDetailView",
    "InvoiceListView",
    "InvoicePreviewView",
    "ItemView",
    "JournalView",
    "LedgerView",
    "PeriodListView",
    "PeriodView",
    "PostingRulesView",
    "PostingTableView",
    "ReconciliationView",
    "RevaluationApprovalView",
    "RevaluationDetailView",
    "RevaluationLineView",
    "RevaluationListView",
    "RevaluationPreviewView",
    "RevaluationTrialView",
    "RollUpDetailView",
    "RollUpListView",
    "RollforwardView",
    "RuleTrialView",
    "StandardCostView",
    "UninvoicedView",
    "VarianceView",
    "WriteDownApprovalView",
    "WriteDownDetailView",
    "WriteDownListView",
    "WriteDownPreviewView",
]
