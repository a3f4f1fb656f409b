"""What the books carry lots at, for whoever judges how much an issue puts at risk."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import Sum

from finance.domain.words import CARRYING
from finance.models import LedgerEntry


def carried_amounts(lot_ids: Collection[int]) -> dict[int, tuple[Decimal, str]]:
    """Amount and currency of each lot that is carried; one query."""
    rows = LedgerEntry.objects.filter(lot__id__in=lot_ids, account__in=sorted(CARRYING))
    sums = rows.order_by().values_list("lot__id", "currency").annotate(amount=Sum("amount"))
    return {lot_id: (amount, currency) for lot_id, currency, amount in sums}
