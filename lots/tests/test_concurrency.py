from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from lots.domain.commands import HoldOrder, Material, Selection
from lots.domain.errors import QuantityError
from lots.domain.orders import Reissue, ReissueOrder
from lots.domain.words import HoldClass, HoldScope, Verb
from lots.models import Event, Lot, MaterialUse
from lots.selectors import open_holds
from lots.selectors.materials import uses_now
from lots.selectors.verifying import first_fault
from lots.services import (
    assemble_units,
    correct_event,
    hold_lot,
    load_reference,
    merge_lots,
    move_lot,
    reissue_material,
    scrap_units,
    split_lot,
)
from lots.services.frame import Draft, locked_lot, locked_lots, once
from lots.tests.making import (
    again,
    chip_order,
    command,
    counted_lot,
    die_lot,
    material_lot,
    step,
    wafer_lot,
)
from supplychain.base.errors import ConflictError, SupplychainError

pytestmark = pytest.mark.django_db(transaction=True)


def together(calls: Sequence[Callable[[], Event]]) -> list[Event | SupplychainError]:
    """Every call in a thread and connection of its own, eight at a time."""

    def answer(call: Callable[[], Event]) -> Event | SupplychainError:
        try:
            return call()
        except SupplychainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(answer, calls))


def scrap_one(lot: Lot, key: str) -> Callable[[], Event]:
    order = command(key, reason="handling")
    return lambda: scrap_units(lot=lot, selection=Selection(quantity=1), command=order)


def test_writers_on_one_lot_never_lose_a_unit() -> None:
    load_reference()
    lot = counted_lot(quantity=30)
    answers = together([scrap_one(lot, f"scrap:{number}") for number in range(40)])
    refused = [answer for answer in answers if isinstance(answer, QuantityError | SupplychainError)]
    assert (again(lot).quantity, again(lot).state, len(refused)) == (0, "scrapped", 10)
    assert list(Event.objects.values_list("seq", flat=True)) == list(range(1, 32))
    assert first_fault() is None


def test_one_key_used_at_once_is_one_event() -> None:
    load_reference()
    lot = counted_lot(quantity=30)
    answers = together([scrap_one(lot, "same")] * 16)
    assert len({answer.pk for answer in answers if isinstance(answer, Event)}) == 1
    assert (len(answers), again(lot).quantity) == (16, 29)


def test_one_code_received_at_once_is_one_lot() -> None:
    load_reference()
    answers = together([lambda: Event.objects.get(lot=counted_lot("N1"))] * 8)
    refused = [answer for answer in answers if isinstance(answer, ConflictError)]
    assert (Lot.objects.count(), len(refused)) == (1, 7)


def test_verbs_over_several_lots_do_not_deadlock() -> None:
    load_reference()
    lots = [counted_lot(f"N{number}", quantity=100) for number in range(4)]
    calls: list[Callable[[], Event]] = []
    for number in range(24):
        lot, other = lots[number % 4], lots[(number + 1) % 4]
        calls += [
            scrap_one(lot, f"scrap:{number}"),
            splitting(lot, number),
            merging(lot, other) if number % 8 == 7 else moving(lot),
        ]
    answers = together(calls)
    assert all(isinstance(answer, Event | SupplychainError) for answer in answers)
    assert first_fault() is None


def losing(times: int, lot: Lot) -> Event:
    """A hold whose work loses this many deadlocks first."""
    order = command()
    losses = iter(range(times))

    def work() -> Draft:
        for _ in losses:
            raise OperationalError("deadlock detected") from DeadlockDetected()
        now = locked_lot(lot, Verb.HOLD, order)
        return Draft(Verb.HOLD, now, touched=(now,))

    return once(Verb.HOLD, {}, order, work)


def test_a_verb_that_loses_a_deadlock_is_done_again() -> None:
    load_reference()
    lot = counted_lot()
    losing(2, lot)
    assert (again(lot).version, first_fault()) == (2, None)


@pytest.mark.parametrize("is_nested", [True, False])
def test_a_deadlock_lost_for_good_is_told(is_nested: bool) -> None:
    load_reference()
    lot = counted_lot()
    with pytest.raises(OperationalError), transaction.atomic() if is_nested else nullcontext():
        losing(1 if is_nested else 3, lot)
    assert again(lot).version == 1


def test_what_names_a_lot_is_written_while_the_lot_is_locked() -> None:
    load_reference()
    lot = counted_lot()

    def name_it() -> None:
        """As PostgreSQL itself locks what a foreign key points to."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM lots_lot WHERE id = %s FOR KEY SHARE NOWAIT", [lot.pk])
        connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        locked_lots([lot.pk])
        pool.submit(name_it).result()


def test_ledger_is_verified_while_others_write() -> None:
    load_reference()
    counted_lot()
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "1 events" in out.getvalue()


def splitting(lot: Lot, number: int) -> Callable[[], Event]:
    order, part = command(), Selection(quantity=2)
    return lambda: split_lot(lot=lot, child_code=f"C{number}", selection=part, command=order)


def merging(into: Lot, other: Lot) -> Callable[[], Event]:
    order = command()
    return lambda: merge_lots(into=into, lots=[other], command=order)


def moving(lot: Lot) -> Callable[[], Event]:
    order, target = command(), step("D", "SFT")
    return lambda: move_lot(lot=lot, to_step=target, command=order)


def packages(code: str, first: int, material: str) -> Callable[[], Event]:
    """Two packages of four dies and eight stacks of one lot."""
    dies = list(Lot.objects.get(code="W1").units.filter(state="good").order_by("id"))
    order = replace(chip_order(code, dies[first : first + 4]), materials=(Material(material, 8),))
    asked = command()
    return lambda: assemble_units(order=order, command=asked)


def test_assemblies_at_once_never_take_more_than_a_lot_of_material_has() -> None:
    load_reference()
    die_lot(wafers=4), material_lot("HBM-1", 20)
    answers = together([packages(f"P{number}", 4 * number, "HBM-1") for number in range(4)])
    refused = [answer for answer in answers if isinstance(answer, QuantityError)]
    assert (len(refused), Lot.objects.get(code="HBM-1").quantity) == (2, 4)
    assert MaterialUse.objects.count() == 2
    assert first_fault() is None


def test_one_assembly_told_anew_at_once_is_told_in_turn() -> None:
    load_reference()
    die_lot(), material_lot("HBM-1", 8)
    for number in range(4):
        material_lot(f"X{number}", 4)
    event = packages("P1", 0, "HBM-1")()
    orders = [ReissueOrder((Reissue("HBM-1", f"X{number}", 3),)) for number in range(4)]
    asked = [command(reason="wrong-lot") for _ in orders]
    answers = together(
        [partial(reissue_material, event=event, order=order, command=one)
         for order, one in zip(orders, asked, strict=True)] * 2
    )  # fmt: skip
    told = {answer.pk for answer in answers if isinstance(answer, Event)}
    assert (len(told), Lot.objects.get(code="HBM-1").quantity) == (2, 6)
    assert sum(uses_now().values_list("quantity", flat=True)) == 8
    assert first_fault() is None


def test_a_lot_told_to_be_used_and_used_at_once_is_not_used_twice() -> None:
    load_reference()
    die_lot(), material_lot("HBM-1", 8), material_lot("HBM-2", 8)
    event = packages("P1", 0, "HBM-1")()
    order, asked = ReissueOrder((Reissue("HBM-1", "HBM-2", 8),)), command(reason="wrong-lot")
    retelling = partial(reissue_material, event=event, order=order, command=asked)
    answers = together([retelling, packages("P2", 4, "HBM-2")])
    assert sum(isinstance(answer, Event) for answer in answers) == 1
    assert Lot.objects.get(code="HBM-2").quantity == 0
    assert first_fault() is None


def split_off_held() -> tuple[Event, Lot]:
    """A hold on two wafers, which stands on the lot that was split off with them."""
    lot = wafer_lot()
    order = HoldOrder(HoldClass.QUALITY, "scratch", scope=HoldScope.WAFER, wafers=(2, 3))
    placed = hold_lot(lot=lot, order=order, command=command())
    held = Selection(wafers=(2, 3))
    split_lot(lot=lot, child_code="W1.1", selection=held, command=command())
    return placed, Lot.objects.get(code="W1.1")


def test_correction_of_a_hold_waits_for_a_verb_on_the_lot_it_went_to() -> None:
    load_reference()
    placed, child = split_off_held()

    def impatient() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        try:
            correct_event(event=placed, command=command(reason="typo"))
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        locked_lots([child.pk])
        with pytest.raises(OperationalError, match="lock timeout"):
            pool.submit(impatient).result()
    correct_event(event=placed, command=command(reason="typo"))
    assert not open_holds(child).exists()


def test_held_lot_is_worked_on_and_its_hold_corrected_at_once() -> None:
    load_reference()
    placed, child = split_off_held()
    order, held = command(reason="typo"), Selection(wafers=(2,))
    calls = [partial(correct_event, event=placed, command=order)]
    calls += [
        partial(split_lot, lot=child, child_code=f"X{turn}", selection=held, command=command())
        for turn in range(8)
    ]
    undone, *splits = together(calls)
    gone = [answer for answer in splits if isinstance(answer, Event)]
    assert isinstance(undone, Event)
    assert not any(one.payload.get("holds") or one.seq < undone.seq for one in gone)
    assert first_fault() is None
