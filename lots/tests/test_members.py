"""Units and wafers of a lot as known at any event, against what the rows said right after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lots.domain.commands import Selection
from lots.models import Event, Lot, Product, Unit, Wafer
from lots.selectors import head_seq
from lots.selectors.genealogy import lineage_of
from lots.selectors.members import lot_members, wafer_members
from lots.services import (
    bin_down,
    correct_event,
    load_reference,
    merge_lots,
    receive_wafers,
    split_lot,
    swap_part,
)
from lots.tests.making import (
    again,
    built,
    chip_lot,
    chip_order,
    command,
    dice,
    die_orders,
    good_units,
    wafer_lot,
)
from supplychain.base.errors import MissingError

pytestmark = pytest.mark.django_db
Stood = dict[int, dict[str, tuple[set[int], set[int]]]]


@pytest.fixture(autouse=True)
def reference(db: None) -> None:
    load_reference()


def stands_now() -> dict[str, tuple[set[int], set[int]]]:
    """Lot → ids of units and of wafers that are in it."""
    return {
        lot.code: (
            set(lot.units.values_list("id", flat=True)),
            set(lot.wafers.filter(is_withdrawn=False).values_list("id", flat=True)),
        )
        for lot in Lot.objects.all()
    }


def follow(*steps: Callable[[], Any]) -> Stood:
    """What was in each lot after each step, by the seq of its last event."""
    stood: Stood = {}
    for carry_out in steps:
        carry_out()
        stood[head_seq()] = stands_now()
    return stood


def split(code: str, child: str, **part: Any) -> Event:
    lot = Lot.objects.get(code=code)
    return split_lot(lot=lot, child_code=child, selection=Selection(**part), command=command())


def merge(into: str, *codes: str) -> Event:
    lots = [Lot.objects.get(code=code) for code in codes]
    return merge_lots(into=Lot.objects.get(code=into), lots=lots, command=command())


def cut(code: str, wafers: int) -> Event:
    return dice(Lot.objects.get(code=code), die_orders(wafers, 4))


def undo(verb: str) -> Event:
    event = Event.objects.filter(verb=verb).latest("seq")
    return correct_event(event=event, command=command(reason="wrong-lot"))


def serials(code: str, count: int) -> tuple[str, ...]:
    return tuple(unit.serial for unit in good_units(Lot.objects.get(code=code))[:count])


def agree(stood: Stood) -> None:
    for seq, lots in stood.items():
        for code, (units, wafers) in lots.items():
            found = lot_members(Lot.objects.get(code=code), seq)
            told = (set(found.unit_ids), set(found.wafer_ids))
            assert told == (units, wafers), f"{code} at {seq}"


def test_wafers_and_dies_are_told_where_they_were_at_each_event() -> None:
    stood = follow(
        lambda: wafer_lot("W1", step="DICE", wafers=4),
        lambda: split("W1", "W1.01", wafers=(3, 4)),
        lambda: split("W1.01", "W1.02", wafers=(4,)),
        lambda: merge("W1", "W1.02"),
        lambda: dice(
            Lot.objects.get(code="W1"),
            [one for one in die_orders(4, 4) if one.wafer_number != 3],
        ),
        lambda: split("W1", "W1.03", serials=serials("W1", 2)),
        lambda: split("W1", "W1.04", wafers=(2,)),
        lambda: merge("W1", "W1.03"),
        lambda: wafer_lot("W2", step="DICE", wafers=2),
    )
    agree(stood)


def test_what_was_taken_back_and_came_again_was_there_before_and_after() -> None:
    stood = follow(
        lambda: wafer_lot("W1", step="DICE", wafers=2),
        lambda: cut("W1", 2),
        lambda: undo("dice"),
        lambda: cut("W1", 2),
    )
    agree(stood)
    assert [len(lots["W1"][0]) for lots in stood.values()] == [0, 8, 0, 8]


def test_a_receipt_that_was_taken_back_had_its_wafers_then() -> None:
    agree(follow(lambda: wafer_lot("W1", wafers=2), lambda: undo("receive")))


def test_wafers_without_numbers_are_there_from_when_they_came() -> None:
    lot = wafer_lot("W1", wafer_codes=("X1", "X2", "X3"))
    before = head_seq()
    receive_wafers(lot=again(lot), wafer_codes=("X4",), command=command())
    assert [len(lot_members(lot, seq).wafer_ids) for seq in (before, head_seq())] == [3, 4]


def test_packages_are_told_through_bins_and_swaps() -> None:
    product = Product.objects.exclude(code="TRN2").filter(kind="package").earliest("id")
    stood = follow(
        lambda: chip_lot("M1", 6),
        lambda: bin_down(
            lot=Lot.objects.get(code="M1"),
            child_code="M1.B",
            product_code=product.code,
            selection=Selection(serials=serials("M1", 2)),
            command=command(reason="speed"),
        ),
        lambda: bin_down(
            lot=Lot.objects.get(code="M1"),
            child_code="M1.C",
            product_code=product.code,
            selection=Selection(quantity=4),
            command=command(reason="speed"),
        ),
    )
    agree(stood)


def test_a_part_swapped_out_is_in_its_own_lot_until_then() -> None:
    wafer_lot("W1", step="DICE", wafers=2)
    cut("W1", 2)
    dies = good_units(Lot.objects.get(code="W1"))
    stood = follow(
        lambda: built(chip_order("P1", dies[:4])),
        lambda: swap_part(
            parent=Unit.objects.get(serial="P1-P0"),
            position="D0",
            new_serial=dies[5].serial,
            command=command(),
            returned_lot_code="R1",
        ),
    )
    agree(stood)


def test_a_wafer_is_told_with_the_lot_it_was_in() -> None:
    lot = wafer_lot("W1", step="DICE", wafers=2)
    first = head_seq()
    split("W1", "W1.01", wafers=(2,))
    wafer = Wafer.objects.get(code="W1-02")
    assert wafer_members(wafer, first).lot_id == lot.pk
    assert wafer_members(wafer, head_seq()).lot_id == wafer.lot_id


def test_a_wafer_whose_receipt_was_taken_back_is_not_there() -> None:
    lot = wafer_lot("W1", wafers=1)
    undo("receive")
    with pytest.raises(MissingError, match="not there"):
        wafer_members(lot.wafers.get(), head_seq())


def test_links_between_lots_are_told_as_known_then() -> None:
    wafer_lot("W1", step="DICE", wafers=2)
    cut("W1", 2)
    before = head_seq()
    built(chip_order("P1", good_units(Lot.objects.get(code="W1"))[:4]))
    known = head_seq()
    undo("assemble")
    then = [lineage_of(["P1"], seq=seq) for seq in (before, known, head_seq())]
    assert [[row.parent for row in rows] for rows in then] == [[], ["W1"], []]
    assert lineage_of(["P1"]) == []
