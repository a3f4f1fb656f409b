"""Two wafers to one accepted server, costed by hand."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from django.db.models import Sum

from finance.domain.words import Account, EntryKind
from finance.models import LedgerEntry, PostingGap
from finance.services import post_events
from finance.tests.line import assembled, diced, good_units, moved, scrapped, shipped, wafer_lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


def built_server() -> None:
    lot = moved(wafer_lot("W1", 2), "FAB", "WAT")
    lot = shipped(lot, "OSAT1", "RCV")
    lot = diced(moved(lot, "BUMP", "CP1", "CP2", "DICE"), good=60)
    dies = good_units(lot)[:10]
    pairs = [dies[place : place + 2] for place in range(0, 10, 2)]
    chips = moved(assembled("P1", "TRN3", ("A", "COWOS", "OSAT1"), pairs), "FT-HOT", "BI")
    scrapped(chips, "burn-in-fail", serials=(good_units(chips)[0].serial,))
    chips = shipped(moved(chips, "FT-COLD", "SLT", "SHIP"), "ODM1", "STOCK")
    server = assembled("S1", "TRN3-SRV4", ("E", "SERVER", "ODM1"), [good_units(chips)])
    server = moved(server, "RACK", "LEAK", "RSOAK", "SHIP", "PLACE")
    moved(server, "LOOP", "CLUSTER", "SSOAK", "ACCEPT")


def amounts(column: str) -> dict[str, Decimal]:
    rows = LedgerEntry.objects.values_list(column).annotate(total=Sum("amount")).order_by()
    return {name: total for name, total in rows if total}


def test_every_account_matches_the_hand_calculation_to_the_cent() -> None:
    built_server()
    post_events()
    # 2 wafers at 19,500 were bought. Absorbed: bump 1,600, sort 2,000, dice 1,400, five packages
    # 15,875, hot test 175, burn-in of four 100, cold test and system test 360, the server 9,200.
    assert amounts("account") == {
        Account.SUPPLIER: Decimal("-39000.00"),
        Account.CONVERSION: Decimal("-30710.00"),
        Account.VARIANCE: Decimal("2750.00"),  # 64 good dies promised, 60 came, at 687.50
        Account.NORMAL_SCRAP: Decimal("4585.00"),  # one chip, tested hot
        Account.INVENTORY: Decimal("34375.00"),  # 50 dies in the bank
        Account.FIXED_ASSET: Decimal("28000.00"),
    }
    assert not PostingGap.objects.exists()


def test_each_unit_of_measure_ends_where_the_material_is() -> None:
    built_server()
    post_events()
    found: dict[str, dict[str, int]] = defaultdict(dict)
    rows = LedgerEntry.objects.values_list("unit_of_measure", "account").order_by()
    for unit, account, quantity in rows.annotate(units=Sum("quantity")):
        if quantity:
            found[unit][account] = quantity
    assert found == {
        "wafer": {Account.SUPPLIER: -2, Account.CONVERSION: 2},
        "die": {
            Account.CONVERSION: 10 - 128,
            Account.INVENTORY: 50,
            Account.NORMAL_SCRAP: 64,
            Account.VARIANCE: 4,
        },
        "package": {Account.CONVERSION: -5 + 4, Account.NORMAL_SCRAP: 1},
        "server": {Account.CONVERSION: -1, Account.FIXED_ASSET: 1},
    }


def test_the_yield_loss_is_a_line_of_its_own() -> None:
    built_server()
    post_events()
    loss = LedgerEntry.objects.get(kind=EntryKind.YIELD_VARIANCE)
    assert (loss.quantity, loss.amount) == (4, Decimal("2750.00"))


def test_wafers_at_the_foundry_are_counted_but_not_ours() -> None:
    moved(wafer_lot("W1", 2), "FAB")
    post_events()
    held = LedgerEntry.objects.get(account=Account.VENDOR_OWNED)
    assert (held.quantity, held.amount, held.owner) == (2, Decimal(0), "TSMC")
