from finance.api.closes import CloseApprovalView, CloseDetailView, CloseListView
from finance.api.exports import ExportDetailView, ExportFileView, ExportListView
from finance.api.journals import JournalView
from finance.api.ledger import LedgerView
from finance.api.periods import PeriodView
from finance.api.reconciliation import ReconciliationView
from finance.api.sums import BalancesView, RollforwardView

__all__ = [
    "BalancesView",
    "CloseApprovalView",
    "CloseDetailView",
    "CloseListView",
    "ExportDetailView",
    "ExportFileView",
    "ExportListView",
    "JournalView",
    "LedgerView",
    "PeriodView",
    "ReconciliationView",
    "RollforwardView",
]
