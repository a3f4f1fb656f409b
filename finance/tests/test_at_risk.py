"""What the books carry a lot at, for the severity of an issue about it."""

from __future__ import annotations

import pytest
from django.db.models import Sum

from finance.domain.words import CARRYING
from finance.models import LedgerEntry
from finance.selectors.at_risk import carried_amounts
from finance.services import post_events
from finance.tests.line import shipped, wafer_lot
from quality.services.stakes import stake_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


def test_a_lot_is_worth_what_the_books_carry_it_at() -> None:
    lot = shipped(wafer_lot("W1", 1, step="WAT"), "OSAT1", "RCV")
    assert carried_amounts([lot.pk]) == {}
    post_events()
    rows = LedgerEntry.objects.filter(lot=lot, account__in=sorted(CARRYING))
    amount = rows.aggregate(amount=Sum("amount"))["amount"]
    assert amount > 0
    assert carried_amounts([lot.pk]) == {lot.pk: (amount, "USD")}
    stake = stake_of(lot.pk)
    assert stake is not None
    assert (stake.units, stake.amount, stake.currency) == (lot.quantity, amount, "USD")
