from finance.api.ledger import LedgerView
from finance.api.sums import BalancesView, RollforwardView

__all__ = ["BalancesView", "LedgerView", "RollforwardView"]
