from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from finance import tasks
from finance.domain.words import Account, EntryKind, GapCode
from finance.models import (
    CostVersion,
    Follower,
    LedgerEntry,
    LedgerRead,
    Period,
    PostingGap,
    StandardCost,
)
from finance.selectors.verifying import unbalanced_transactions
from finance.services import approve_cost_version, post_events, replay_gaps, soft_close_period
from finance.tests.line import (
    assembled,
    chip_lot,
    command,
    diced,
    good_units,
    moved,
    scrapped,
    shipped,
    wafer_lot,
)
from finance.tests.staging import staged, without_stage
from lots.domain.commands import HoldOrder, Selection
from lots.domain.words import HoldClass, LotPurpose
from lots.models import Event, Lot
from lots.services import hold_lot, merge_lots, receive_wafers, split_lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


def carried(lot: Lot) -> dict[str, tuple[int, Decimal]]:
    """Account → units and amount of the lot, over accounts that carry."""
    found: dict[str, tuple[int, Decimal]] = {}
    for row in LedgerEntry.objects.filter(lot=lot):
        units, amount = found.get(row.account, (0, Decimal(0)))
        found[row.account] = (units + row.quantity, amount + row.amount)
    return {account: total for account, total in found.items() if total != (0, Decimal(0))}


def test_posting_again_writes_nothing() -> None:
    wafer_lot("W1")
    assert post_events().entries == 2
    assert post_events() == post_events()
    assert LedgerEntry.objects.count() == 2


def test_batches_give_the_same_ledger_as_one_go() -> None:
    moved(wafer_lot("W1", 2, step="WAT"), "RCV", "BUMP", "CP1")
    while post_events(limit=1).events:
        pass
    assert carried(Lot.objects.get(code="W1"))[Account.INVENTORY] == (2, Decimal(40600))
    assert Follower.objects.get().seq == Event.objects.count()


def test_a_hold_moves_the_cursor_and_writes_nothing() -> None:
    lot = wafer_lot("W1")
    post_events()
    hold_lot(lot=lot, order=HoldOrder(HoldClass.QUALITY, "look"), command=command())
    assert (post_events().entries, Follower.objects.get().seq) == (0, 2)


def test_a_move_within_a_stage_writes_nothing() -> None:
    moved(wafer_lot("W1", step="RCV"), "BUMP")
    assert post_events().entries == 2


def test_a_split_and_a_merge_pass_units_and_money_from_lot_to_lot() -> None:
    lot = wafer_lot("W1", 3, step="CP1")
    split_lot(lot=lot, child_code="W1A", selection=Selection(wafers=(1,)), command=command())
    child = Lot.objects.get(code="W1A")
    post_events()
    assert carried(child) == {Account.INVENTORY: (1, Decimal(20300))}
    merge_lots(into=lot, lots=[child], command=command())
    post_events()
    assert carried(child) == {}
    assert carried(lot)[Account.INVENTORY] == (3, Decimal(60900))


def test_a_shipped_lot_is_in_transit_until_it_arrives() -> None:
    lot = shipped(wafer_lot("W1", 2, step="CP1"), "ODM1", "CP2")
    post_events(limit=2)
    assert carried(lot)[Account.IN_TRANSIT] == (2, Decimal(40600))
    post_events()
    assert carried(lot)[Account.INVENTORY] == (2, Decimal(40600))
    last = LedgerEntry.objects.order_by("-seq")[0]
    assert last.custodian_id == "ODM1"


def test_units_not_found_on_arrival_are_in_dispute_until_scrapped() -> None:
    lot = shipped(wafer_lot("W1", 3, step="CP1"), "ODM1", "CP2", counted=2)
    post_events()
    assert carried(lot)[Account.COUNT_ADJUSTMENT] == (1, Decimal(20300))
    scrapped(lot, "lost-in-transit", wafers=(3,))
    post_events()
    assert Account.COUNT_ADJUSTMENT not in carried(lot)
    assert carried(lot)[Account.INVENTORY] == (2, Decimal(40600))
    assert carried(lot)[Account.ABNORMAL_SCRAP] == (1, Decimal(20300))


def test_wafers_found_extra_are_bought() -> None:
    lot = wafer_lot("W1", 1, step="CP1")
    receive_wafers(lot=lot, wafer_codes=("W1-X",), command=command())
    post_events()
    assert carried(lot)[Account.INVENTORY] == (2, Decimal(40600))
    assert carried(lot)[Account.SUPPLIER] == (-2, Decimal(-40600))


def test_wafers_at_the_foundry_are_counted_but_not_ours() -> None:
    moved(wafer_lot("W1", 2), "FAB")
    post_events()
    held = LedgerEntry.objects.get(account=Account.VENDOR_OWNED)
    assert (held.quantity, held.amount, held.owner) == (2, Decimal(0), "TSMC")


def test_scrap_at_the_vendor_goes_back_to_the_vendor() -> None:
    lot = wafer_lot("W1", 2)
    scrapped(lot, "wafer-breakage", wafers=(1,))
    post_events()
    assert carried(lot) == {
        Account.SUPPLIER: (-1, Decimal(0)),
        Account.VENDOR_OWNED: (1, Decimal(0)),
    }


def test_engineering_lots_are_counted_at_no_value() -> None:
    lot = wafer_lot("E1", 2, step="DICE", purpose=LotPurpose.ENGINEERING)
    lot = diced(lot, good=10)
    post_events()
    assert carried(lot)[Account.INVENTORY] == (10, Decimal(0))
    assert set(LedgerEntry.objects.filter(lot=lot).values_list("amount", flat=True)) == {0}


def test_dies_promised_by_the_map_and_not_found_are_a_line() -> None:
    lot = diced(wafer_lot("W1", 1, step="DICE"), good=32, gross=60)
    post_events()
    missing = LedgerEntry.objects.get(kind=EntryKind.MAP_COUNT_VARIANCE)
    assert (missing.quantity, missing.amount) == (4, Decimal("2750.00"))
    gain = LedgerEntry.objects.get(kind=EntryKind.YIELD_VARIANCE)
    assert (gain.quantity, gain.amount) == (-4, Decimal("-2750.00"))
    assert carried(lot)[Account.INVENTORY] == (32, Decimal(22000))


def test_a_missing_cost_owes_the_event_and_all_after_it_of_that_lot_only() -> None:
    without_stage("CP1")
    owed = moved(wafer_lot("W1", step="BUMP"), "CP1", "CP2")
    free = wafer_lot("W2", step="BUMP")
    posted = post_events()
    assert (posted.events, posted.owed) == (4, 2)
    assert list(PostingGap.objects.values_list("code", flat=True)) == [
        GapCode.MISSING_STAGE,
        GapCode.WAITING,
    ]
    assert carried(free)[Account.INVENTORY][0] == 2
    assert carried(owed)[Account.INVENTORY] == (2, Decimal(39000))


def test_an_owed_event_is_posted_on_replay_when_the_cause_is_mended() -> None:
    without_stage("CP1")
    lot = moved(wafer_lot("W1", step="BUMP"), "CP1", "CP2")
    post_events()
    assert replay_gaps().owed == 2
    staged(lot.route_version.steps.get(code="CP1"), "bumped-wafer")
    assert replay_gaps(limit=1).owed == 0
    assert not PostingGap.objects.filter(closed_at=None).exists()
    assert carried(lot)[Account.INVENTORY] == (2, Decimal(40600))


def test_what_is_built_from_an_owed_lot_waits_too() -> None:
    lot = diced(wafer_lot("W1", 1, at=datetime(2020, 1, 1, tzinfo=UTC), step="DICE"), good=4)
    assembled("P1", "TRN3", ("A", "COWOS", "OSAT1"), [good_units(lot)[:2]])
    assert post_events().owed == 3
    assert PostingGap.objects.get(seq=1).code == GapCode.MISSING_COST
    assert "Settle that one" in PostingGap.objects.get(seq=3).detail


def test_without_an_open_period_the_event_is_owed() -> None:
    Period.objects.filter(ends_on__gte=date(2026, 3, 1)).delete()
    wafer_lot("W1")
    post_events()
    assert PostingGap.objects.get().code == GapCode.MISSING_PERIOD


def test_a_late_fact_goes_to_the_open_period_marked_as_prior() -> None:
    for period in Period.objects.filter(starts_on__lt=date(2026, 4, 1)):
        soft_close_period(period=period, preparer=User.objects.get(username="standard-costs"))
    wafer_lot("W1", at=datetime(2026, 3, 2, tzinfo=UTC))
    post_events()
    row = LedgerEntry.objects.first()
    assert row is not None
    assert (row.period_id, row.is_prior_period) == ("2026-04", True)
    assert row.effective_on == date(2026, 3, 1)  # the plant's day, not UTC's


def test_a_new_cost_version_applies_from_its_day_and_its_change_is_a_variance() -> None:
    lot = wafer_lot("W1", 2, step="CP1", at=datetime(2026, 3, 2, 20, tzinfo=UTC))
    version = CostVersion.objects.create(
        code="STD-X",
        effective_on=date(2026, 3, 2),
        prepared_by=User.objects.get(username="standard-costs"),
    )
    post_events()
    for stage, cost in [("bumped-wafer", "20000"), ("sorted-wafer", "21000")]:
        StandardCost.objects.create(
            version=version, item_id="TRN3-DIE", stage_id=stage, unit_cost=Decimal(cost)
        )
    approve_cost_version(version=version, approver=User.objects.create_user("boss"))
    moved(lot, "DICE", at=datetime(2026, 3, 2, 21, tzinfo=UTC))
    post_events()
    assert carried(lot)[Account.INVENTORY] == (2, Decimal(42000))
    assert carried(lot)[Account.VARIANCE] == (0, Decimal(600))
    assert carried(lot)[Account.CONVERSION] == (0, Decimal(-2000))


def test_what_is_built_stands_where_its_parts_were_even_if_it_has_left_since() -> None:
    dies = good_units(diced(wafer_lot("W1", 1, step="DICE"), good=2))
    lot = shipped(assembled("P1", "TRN3", ("A", "COWOS", "TSMC"), [dies]), "ODM1", "STOCK")
    post_events()
    born = LedgerEntry.objects.get(lot=lot, kind=EntryKind.PRODUCTION, account=Account.INVENTORY)
    assert born.custodian_id == "TSMC"


def test_vendor_owned_parts_are_bought_by_being_used() -> None:
    chips = good_units(chip_lot("M1", 2, step="VWIP"))
    assembled("D1", "TRN2-SLED", ("E", "SLED", "ODM1"), [chips])
    post_events()
    bought = LedgerEntry.objects.get(kind=EntryKind.PURCHASE)
    assert (bought.account, bought.amount) == (Account.SUPPLIER, Decimal("-7700.00"))


def test_an_approved_version_takes_no_further_cost() -> None:
    version = CostVersion.objects.get()
    with pytest.raises(DatabaseError, match="is approved"), transaction.atomic():
        StandardCost.objects.create(
            version=version, item_id="TRN3", stage_id="wafer", unit_cost=Decimal(1)
        )


def test_every_transaction_sums_to_zero() -> None:
    diced(wafer_lot("W1", 2, step="DICE"), good=60)
    post_events()
    assert unbalanced_transactions() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_ledgerentry SET amount = 0",
        "DELETE FROM finance_ledgerentry",
        "TRUNCATE finance_ledgerentry",
        "UPDATE finance_ledgerread SET as_of_seq = 0",
        "TRUNCATE finance_ledgerread",
        "UPDATE finance_standardcost SET unit_cost = 0",
        "DELETE FROM finance_standardcost",
        "UPDATE finance_costversion SET effective_on = '2020-01-01'",
        "DELETE FROM finance_costversion",
        "UPDATE finance_standardcost SET version_id = version_id",
    ],
)
def test_the_database_refuses_to_change_history(statement: str) -> None:
    wafer_lot("W1")
    post_events()
    LedgerRead.objects.create(
        reader=User.objects.get(username="standard-costs"), as_of_seq=0, row_count=0, is_whole=True
    )
    connection.check_constraints()  # what is pending would refuse a TRUNCATE before the guard does
    with (
        pytest.raises(DatabaseError, match=r"append-only|is approved"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_task_posts_everything_and_the_command_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wafer_lot("W1")
    tasks.post_events()
    assert LedgerEntry.objects.count() == 2
    wafer_lot("W2")
    tasks.replay_gaps()
    call_command("post_ledger", "--replay")
    assert "posted 1 events as 2 entries; 0 events are owed" in capsys.readouterr().out


def test_query_count_does_not_grow_with_events(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    wafer_lot("W1")
    post_events()
    for number in range(20):
        moved(wafer_lot(f"L{number}", step="WAT"), "RCV", "BUMP", "CP1")
    with django_assert_num_queries(20):
        post_events()
