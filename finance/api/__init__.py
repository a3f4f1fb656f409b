from finance.api.exports import ExportDetailView, ExportFileView, ExportListView
from finance.api.ledger import LedgerView
from finance.api.periods import PeriodView
from finance.api.sums import BalancesView, RollforwardView

__all__ = [
    "BalancesView",
    "ExportDetailView",
    "ExportFileView",
    "ExportListView",
    "LedgerView",
    "PeriodView",
    "RollforwardView",
]
