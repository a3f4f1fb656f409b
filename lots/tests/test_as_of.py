"""What stood when: the database's fold against a plain one of the same events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lots.domain.commands import Command, HoldOrder, Selection
from lots.domain.orders import AmendOrder
from lots.domain.words import HoldClass, HoldScope, LotPurpose, LotState
from lots.models import Event, Hold, Lot
from lots.selectors import head_seq
from lots.selectors.as_of import LotsWanted, balances_as_of, balances_now, lot_as_of, lots_as_of
from lots.selectors.verifying import first_fault
from lots.services import (
    amend_lot,
    bank_lot,
    correct_event,
    hold_lot,
    merge_lots,
    move_lot,
    receive_shipment,
    record_late_move,
    release_hold,
    scrap_units,
    ship_lot,
    split_lot,
)
from lots.tests.folding import Facts, Fold, projected
from lots.tests.making import (
    T0,
    again,
    built,
    chip_order,
    command,
    counted_lot,
    die_lot,
    good_units,
    hold,
    step,
    supplier,
    wafer_lot,
)
from supplychain.base.errors import MissingError, SupplychainError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

STEPS = ["RCV", "SFT", "TRAY", "FCT"]
Verb = Callable[[Lot, int, Command], object]


def asked(seq: int | None = None, happened_by: Any = None) -> dict[str, Facts]:
    return {
        one.code: (
            one.step,
            one.state,
            one.unit_of_measure,
            one.quantity,
            one.custodian,
            len(one.hold_reasons),
        )
        for one in lots_as_of(seq, happened_by)
    }


def move(lot: Lot, number: int, order: Command) -> None:
    move_lot(lot=lot, to_step=step("D", STEPS[number % 4]), command=order)


def split(lot: Lot, number: int, order: Command) -> None:
    code = f"C{head_seq()}"
    split_lot(lot=lot, child_code=code, selection=Selection(1 + number % 5), command=order)


def merge(lot: Lot, number: int, order: Command) -> None:
    others = list(Lot.objects.exclude(pk=lot.pk).order_by("id"))
    merge_lots(into=lot, lots=[others[number % len(others)]], command=order)


def scrap(lot: Lot, number: int, order: Command) -> None:
    scrap_units(lot=lot, selection=Selection(1 + number % 6), command=order)


def ship(lot: Lot, number: int, order: Command) -> None:
    to = supplier(["OSAT1", "ODM1"][number % 2])
    ship_lot(lot=lot, to=to, customer="Acme", command=order)


def arrive(lot: Lot, number: int, order: Command) -> None:
    receive_shipment(
        lot=lot,
        custodian=supplier(["OSAT1", "OPS"][number % 2]),
        to_step=step("D", STEPS[number % 4]),
        counted_quantity=number,
        command=order,
    )


def stop(lot: Lot, number: int, order: Command) -> None:
    order_of_stop = HoldOrder(HoldClass.QUALITY, f"reason {number}")
    hold_lot(lot=lot, order=order_of_stop, command=order)


def release(lot: Lot, number: int, order: Command) -> None:
    standing = Hold.objects.filter(lot=lot, released_at__isnull=True).first()
    if standing is not None:
        release_hold(hold=standing, disposition="use as is", command=order)


def be_late(lot: Lot, number: int, order: Command) -> None:
    places = Event.objects.filter(lot=lot, step_to__isnull=False).exclude(verb="correct")
    later = places.filter(occurred_at__gt=order.occurred_at).first()
    if later is not None:
        to_step = step("D", STEPS[number % 4])
        record_late_move(lot=lot, to_step=to_step, overtaken_by=later, command=order)


VERBS: list[Verb] = [move, split, merge, scrap, ship, arrive, stop, release, be_late]
ACTS = st.lists(
    st.tuples(
        st.integers(0, len(VERBS) - 1), st.integers(0, 9), st.integers(0, 9), st.integers(0, 72)
    ),
    max_size=14,
)


def live(acts: list[tuple[int, int, int, int]]) -> None:
    """Two lots and what the acts make of them; what the rules refuse does not happen."""
    for code in ("N1", "N2"):
        counted_lot(code, quantity=6)
    for verb, which, number, hours in acts:
        lots = list(Lot.objects.order_by("id"))
        order = command(hours=hours, reason="as drawn")
        try:
            with transaction.atomic():
                VERBS[verb](lots[which % len(lots)], number, order)
        except SupplychainError:
            continue


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
def test_every_past_agrees_with_a_plain_fold(acts: list[tuple[int, int, int, int]]) -> None:
    with transaction.atomic():
        live(acts)
        head = head_seq()
        assert asked(head) == projected()
        for seq in range(head + 1):
            assert asked(seq) == Fold(seq).facts()
            agree(seq=seq)
        for hours in (-1, 0, 12, 36, 72):
            by = T0 + timedelta(hours=hours)
            assert asked(happened_by=by) == Fold(by=by).facts()
            agree(happened_by=by)
        transaction.set_rollback(True)


def test_a_lot_told_late_is_found_in_the_state_that_time_tells() -> None:
    lot = counted_lot("N1", quantity=6)
    ship(lot, 0, command(hours=8))
    arrive(again(lot), 6, command(hours=5))
    assert again(lot).state == LotState.ACTIVE
    by, shipped = T0 + timedelta(hours=12), LotsWanted(state=LotState.SHIPPED)
    assert [one.state for one in lots_as_of(happened_by=by, wanted=shipped)] == ["shipped"]
    assert lots_as_of(happened_by=by, wanted=LotsWanted(state=LotState.ACTIVE)) == []


def agree(**moment: Any) -> None:
    """What is narrowed, and what is summed, is what the whole list tells."""
    lots = lots_as_of(**moment)
    for state in LotState:
        narrowed = lots_as_of(**moment, wanted=LotsWanted(state=state))
        assert narrowed == [lot for lot in lots if lot.state == state]
    for code in {lot.step for lot in lots}:
        narrowed = lots_as_of(**moment, wanted=LotsWanted(step=code))
        assert narrowed == [lot for lot in lots if lot.step == code]
    for is_held in (True, False):
        narrowed = lots_as_of(**moment, wanted=LotsWanted(on_hold=is_held))
        assert narrowed == [lot for lot in lots if lot.is_on_hold == is_held]
    standing = [lot for lot in lots if lot.state in {LotState.ACTIVE, LotState.BANKED}]
    balances = balances_as_of(**moment)
    assert sum(row.lot_count for row in balances) == len(standing)
    assert sum(row.quantity for row in balances) == sum(lot.quantity for lot in standing)


def test_dicing_and_building_are_told_in_their_own_units() -> None:
    lot = die_lot()
    built(chip_order("P1", good_units(lot)[:4]))
    for seq in range(head_seq() + 1):
        assert asked(seq) == Fold(seq).facts()
    assert asked(head_seq()) == projected()
    assert asked(1)["W1"][2:4] == ("wafer", 2)


def test_late_news_changes_what_happened_but_not_what_was_known() -> None:
    lot = counted_lot("N1", quantity=6)
    move_lot(lot=lot, to_step=step("D", "TRAY"), command=command(hours=10))
    scrap_units(lot=lot, selection=Selection(2), command=command(hours=5, reason="handling"))
    assert lot_as_of("N1", seq=2).quantity == 6
    assert lot_as_of("N1", happened_by=T0 + timedelta(hours=6)).quantity == 4
    assert lot_as_of("N1", happened_by=T0 + timedelta(hours=6)).step == "RCV"


def test_balances_add_up_by_step() -> None:
    for code in ("N1", "N2"):
        counted_lot(code, quantity=6)
    hold(Lot.objects.get(code="N1"))
    (balance,) = balances_as_of(seq=3)
    assert (balance.step, balance.lot_count, balance.held_count, balance.quantity) == (
        "RCV",
        2,
        1,
        12,
    )
    assert [one.lot_count for one in balances_as_of(seq=1)] == [1]


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (LotsWanted(step="RCV"), ["N2"]),
        (LotsWanted(state="shipped"), ["N3"]),
        (LotsWanted(on_hold=True), ["N1"]),
        (LotsWanted(on_hold=False), ["N3", "N2"]),
        (LotsWanted(product="NSW-1", q="N", supplier="ODM1"), ["N3", "N2", "N1"]),
        (LotsWanted(purpose="engineering"), []),
    ],
)
def test_a_list_is_narrowed_by_what_stood_then(wanted: LotsWanted, codes: list[str]) -> None:
    one, _, three = (counted_lot(code) for code in ("N1", "N2", "N3"))
    move_lot(lot=one, to_step=step("D", "TRAY"), command=command())
    hold(again(one))
    move_lot(lot=three, to_step=step("D", "SFT"), command=command())
    ship_lot(lot=again(three), to=supplier("OSAT1"), customer="", command=command())
    assert [lot.code for lot in lots_as_of(head_seq(), wanted=wanted)] == codes


def test_a_customer_named_by_a_shipment_was_not_known_before() -> None:
    lot = counted_lot("N1")
    amend_lot(lot=lot, order=AmendOrder(customer="A"), command=command(hours=1))
    ship_lot(lot=again(lot), to=supplier("OSAT1"), customer="B", command=command(hours=2))
    told = [lot_as_of("N1", seq=seq).customer for seq in range(1, head_seq() + 1)]
    assert told == ["", "A", "B"]
    assert lot_as_of("N1", happened_by=command(hours=1).occurred_at).customer == "A"
    assert first_fault() is None


def test_pages_follow_one_another() -> None:
    for code in ("N1", "N2", "N3"):
        counted_lot(code)
    first = lots_as_of(3, limit=2)
    assert [lot.code for lot in first] == ["N3", "N2"]
    assert [lot.code for lot in lots_as_of(3, before=first[-1].id)] == ["N1"]


def test_a_lot_that_was_not_there_yet_is_missing() -> None:
    counted_lot("N1")
    counted_lot("N2")
    with pytest.raises(MissingError, match="not there yet"):
        lot_as_of("N2", seq=1)
    with pytest.raises(MissingError, match="no lot N9"):
        lot_as_of("N9", seq=1)


def test_a_list_is_one_query(django_assert_num_queries: Any) -> None:
    counted_lot("N1")
    with django_assert_num_queries(1):
        lots_as_of(1)


def test_purpose_is_told_as_it_was() -> None:
    lot = counted_lot("N1")
    order = AmendOrder(purpose=LotPurpose.ENGINEERING)
    changed = amend_lot(lot=lot, order=order, command=command(hours=5, reason="for trials"))
    correct_event(event=changed, command=command(hours=6, reason="another lot was meant"))
    amend_lot(lot=lot, order=order, command=command(hours=7, reason="for trials"))
    told = [lot_as_of("N1", seq).purpose for seq in range(1, 5)]
    assert told == ["production", "engineering", "production", "engineering"]
    assert lot_as_of("N1", happened_by=T0 + timedelta(hours=6)).purpose == "production"
    assert lots_as_of(1, wanted=LotsWanted(purpose="engineering")) == []


def test_a_hold_on_a_part_is_told_where_it_was() -> None:
    lot = wafer_lot("W1", wafers=5)
    order = HoldOrder(HoldClass.QUALITY, "scratch", scope=HoldScope.WAFER, wafers=(1, 2))
    hold_lot(lot=lot, order=order, command=command(hours=1))
    for hours, code, of, wafers in [(3, "W1.1", "W1", (1, 2, 3)), (5, "W1.2", "W1.1", (1, 2))]:
        split_lot(
            lot=Lot.objects.get(code=of),
            child_code=code,
            selection=Selection(wafers=wafers),
            command=command(hours=hours),
        )
    told = [
        {one.code for one in lots_as_of(seq=seq) if one.is_on_hold}
        for seq in range(1, head_seq() + 1)
    ]
    assert told == [set(), {"W1"}, {"W1.1"}, {"W1.2"}]
    happened = [
        {one.code for one in lots_as_of(happened_by=T0 + timedelta(hours=hours)) if one.is_on_hold}
        for hours in (0, 2, 4, 6)
    ]
    assert happened == told
    release_hold(hold=Hold.objects.get(), disposition="use", command=command(hours=7))
    assert not any(one.is_on_hold for one in lots_as_of(seq=head_seq()))


def test_balances_now_are_those_that_the_ledger_tells() -> None:
    held, banked = counted_lot("N1", quantity=6), counted_lot("N2", quantity=4)
    hold(held)
    bank_lot(lot=banked, command=command())
    ship_lot(lot=counted_lot("N3"), to=supplier("OSAT1"), customer="", command=command())
    wafer_lot("W1")
    assert balances_now() == balances_as_of(head_seq())
    assert [one.held_count for one in balances_now()] == [0, 1, 0]
