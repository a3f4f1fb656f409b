"""Holds and splits planned for part of a lot go with that part, or say that nothing is left."""

from __future__ import annotations

import pytest

from lots.domain.commands import Selection
from lots.domain.orders import FutureActionOrder, Named, named_things, part_words
from lots.domain.words import Trigger, Verb
from lots.models import Event, FutureAction, Hold, Lot
from lots.selectors.verifying import first_fault
from lots.services import (
    merge_lots,
    move_lot,
    plan_action,
    scrap_units,
    split_lot,
)
from lots.tests.making import again, chip_lot, command, die_lot, step, wafer_lot
from supplychain.base.errors import MalformedError

catalogue = pytest.mark.usefixtures("catalogue")


def planned(lot: str, at: str, verb: Verb = Verb.HOLD, **order: object) -> FutureAction:
    return plan_action(
        order=FutureActionOrder(
            Trigger.ARRIVES, verb, "look at it", lot_code=lot, step_code=at, order=order
        )
    )


def moved(lot: Lot, code: str = "FAB") -> Event:
    return move_lot(lot=again(lot), to_step=step("A", code), command=command())


def held(lot: Lot) -> list[int | str]:
    """Wafers by number and units by serial that open holds on the lot name."""
    items = [item for hold in Hold.objects.filter(lot=lot) for item in hold.items.all()]
    return [item.wafer.number if item.wafer else str(item.unit) for item in items]  # type: ignore[misc]


def parted(lot: Lot, code: str, **selection: object) -> Lot:
    chosen = Selection(**selection)  # type: ignore[arg-type]
    split_lot(lot=again(lot), child_code=code, selection=chosen, command=command())
    return Lot.objects.get(code=code)


def plans_of(lot: Lot) -> list[tuple[str, str]]:
    rows = FutureAction.objects.filter(lot=lot).order_by("id")
    return [(plan.state, part_words(plan.order)) for plan in rows]


@catalogue
def test_only_the_wafers_named_are_held_on_arrival() -> None:
    lot = wafer_lot(wafers=4)
    plan = planned("W1", "FAB", wafers=[2, 3])
    moved(lot)
    assert (held(lot), Hold.objects.get().scope) == ([2, 3], "wafer")
    plan.refresh_from_db()
    assert plan.outcome == "hold of lot W1, event 3"
    assert str(plan).startswith("hold of wafers 2, 3 when W1 arrives")


@catalogue
def test_only_the_units_named_are_held() -> None:
    lot = chip_lot(chips=4)
    plan_action(
        order=FutureActionOrder(
            Trigger.EVENT, Verb.HOLD, "look", lot_code="M1", on_verb=Verb.AMEND,
            order={"serials": ["M1-C1", "M1-C3"]},
        )
    )  # fmt: skip
    plan = FutureAction.objects.get()
    split_lot(
        lot=lot, child_code="M2", selection=Selection(serials=("M1-C0", "M1-C3")),
        command=command(),
    )  # fmt: skip
    child = Lot.objects.get(code="M2")
    assert (plans_of(lot), plans_of(child)) == ([("armed", " of M1-C1")], [("armed", " of M1-C3")])
    assert FutureAction.objects.get(lot=child).reason == plan.reason


@catalogue
def test_each_part_of_a_lot_is_held_where_its_wafers_went() -> None:
    lot = wafer_lot(wafers=4)
    planned("W1", "FAB", wafers=[2, 3])
    child = parted(lot, "W1.1", wafers=(1, 2))
    moved(lot), moved(child)
    assert (held(lot), held(child), first_fault()) == ([3], [2], None)


@catalogue
def test_a_plan_whose_things_all_went_is_with_them_only() -> None:
    lot = wafer_lot(wafers=4)
    planned("W1", "FAB", wafers=[2])
    child, other = parted(lot, "W1.1", wafers=(1, 2)), parted(lot, "W1.2", wafers=(3,))
    assert plans_of(lot) == [("cancelled", " of wafers 2")]
    assert FutureAction.objects.get(lot=lot).outcome == "What it names went to lot W1.1"
    moved(lot), moved(other), moved(child)
    assert (held(lot), held(other), held(child)) == ([], [], [2])


@catalogue
def test_dies_that_leave_their_wafer_are_named_by_their_serials() -> None:
    lot = die_lot(wafers=2, dies=2)
    planned("W1", "COWOS", wafers=[1])
    child = parted(lot, "W1.1", serials=tuple(lot.units.values_list("serial", flat=True))[:1])
    (serial,) = child.units.values_list("serial", flat=True)
    wafer = child.units.get().wafer
    assert wafer is not None
    expected = [("armed", f" of {serial}")] if wafer.number == 1 else []
    assert plans_of(child) == expected
    assert plans_of(lot) == [("armed", " of wafers 1")]


@catalogue
def test_a_plan_for_wafers_goes_with_them_into_another_lot() -> None:
    lot = wafer_lot(wafers=4)
    planned("W1", "FAB", wafers=[2, 3])
    child = parted(lot, "W1.1", wafers=(1, 2))
    merge_lots(into=again(lot), lots=[child], command=command())
    assert (plans_of(child), plans_of(lot)) == (
        [], [("armed", " of wafers 3"), ("armed", " of wafers 2")],
    )  # fmt: skip
    moved(lot)
    assert sorted(map(str, held(lot))) == ["2", "3"]


@catalogue
def test_what_is_left_is_held_and_what_is_not_there_is_said() -> None:
    lot = wafer_lot(wafers=4)
    plan = planned("W1", "FAB", wafers=[1, 2])
    scrap_units(lot=lot, selection=Selection(wafers=(1,)), command=command(reason="handling"))
    moved(lot)
    plan.refresh_from_db()
    assert (plan.state, held(lot)) == ("done", [2])
    assert plan.outcome.endswith("; wafers 1 were not there")


@catalogue
def test_a_plan_of_which_nothing_is_left_says_so() -> None:
    lot = wafer_lot(wafers=4)
    plan = planned("W1", "FAB", wafers=[1, 2])
    scrap_units(lot=lot, selection=Selection(wafers=(1, 2)), command=command(reason="handling"))
    moved(lot)
    plan.refresh_from_db()
    assert (plan.state, held(lot), again(lot).step.code) == ("failed", [], "FAB")
    assert plan.outcome.startswith("Nothing of wafers 1, 2 is left in lot W1.")


@catalogue
def test_a_bin_in_which_nothing_fell_is_said() -> None:
    lot = die_lot(wafers=1, dies=2)
    plan = planned("W1", "COWOS", bin_number=7)
    moved(lot, "COWOS")
    plan.refresh_from_db()
    assert (plan.state, part_words(plan.order)) == ("failed", " of bin 7")
    assert plan.outcome.startswith("No unit of lot W1 fell in bin 7 last")


@catalogue
def test_a_planned_split_finds_its_wafers_where_they_went() -> None:
    lot = wafer_lot(wafers=6)
    planned("W1", "FAB", Verb.SPLIT, wafers=[2, 3])
    child = parted(lot, "P", wafers=(1, 2))
    moved(lot), moved(child)
    apart = Lot.objects.exclude(code__in=["W1", "P"]).order_by("id")
    numbers = [list(one.wafers.values_list("number", flat=True)) for one in apart]
    assert (numbers, first_fault()) == ([[3], [2]], None)


@catalogue
def test_what_was_to_be_split_off_and_was_is_planned_no_more() -> None:
    lot = chip_lot(chips=4)
    plan_action(
        order=FutureActionOrder(
            Trigger.EVENT, Verb.SPLIT, "look", lot_code="M1", on_verb=Verb.AMEND,
            order={"serials": ["M1-C1"]},
        )
    )  # fmt: skip
    child = parted(lot, "M2", serials=("M1-C1",))
    assert (plans_of(lot), plans_of(child)) == ([("cancelled", " of M1-C1")], [])


@catalogue
def test_a_repeated_hold_of_wafers_stays_armed_in_each_lot() -> None:
    lot = wafer_lot(wafers=4)
    order = FutureActionOrder(
        Trigger.ARRIVES, Verb.HOLD, "always", lot_code="W1", step_code="FAB",
        order={"wafers": [1, 3]}, is_repeated=True,
    )  # fmt: skip
    plan_action(order=order)
    child = parted(lot, "W1.1", wafers=(1,))
    moved(lot), moved(child)
    assert (held(lot), held(child)) == ([3], [1])
    assert plans_of(lot) + plans_of(child) == [("armed", " of wafers 3"), ("armed", " of wafers 1")]


@pytest.mark.parametrize(
    "order",
    [
        {"wafers": [1], "serials": ["A"]},
        {"wafers": [1], "bin_number": 2},
        {"quantity": 2},
        {"bin_number": "two"},
        {"wafers": 7},
    ],
)
def test_a_hold_is_planned_for_one_part_said_in_one_way(order: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        FutureActionOrder(
            Trigger.ARRIVES, Verb.HOLD, "look", lot_code="W1", step_code="FAB", order=order
        )


def test_serials_are_planned_for_a_lot_and_not_for_a_product() -> None:
    with pytest.raises(MalformedError, match="Serials are of one lot"):
        FutureActionOrder(
            Trigger.ARRIVES, Verb.HOLD, "look", product_code="TRN3", step_code="FAB",
            order={"serials": ["A"]},
        )  # fmt: skip


def test_parts_read_as_people_say_them() -> None:
    many = Named(serials=tuple(f"C{number}" for number in range(7)))
    assert str(many) == "C0, C1, C2, C3, C4 and 2 more"
    assert str(Named((1, 2), ("A",))) == "wafers 1, 2; A"
    assert (part_words({}), part_words({"bin_number": 0})) == ("", " of bin 0")
    assert named_things({"quantity": 3}) == Named()
    assert Named((1, 2), ("A", "B")).without(Named((2,), ("A",))) == Named((1,), ("B",))
