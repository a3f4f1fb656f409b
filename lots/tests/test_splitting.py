from __future__ import annotations

import re

import pytest

from lots.domain.commands import Selection
from lots.domain.errors import (
    HeldError,
    PartError,
    QuantityError,
    ReasonError,
    UnlikeLotsError,
    WrongStateError,
)
from lots.domain.words import LotPurpose, LotState
from lots.models import Event, Lot, LotLineage
from lots.services import merge_lots, scrap_units, split_lot
from lots.tests.making import (
    again,
    built,
    chip_lot,
    chip_order,
    command,
    counted_lot,
    die_lot,
    good_units,
    hold,
    wafer_lot,
)
from supplychain.base.errors import ConflictError, MalformedError

pytestmark = pytest.mark.usefixtures("catalogue")


def split(lot: Lot, child: str = "X.1", **selection: object) -> Lot:
    chosen = Selection(**selection)  # type: ignore[arg-type]
    split_lot(lot=lot, child_code=child, selection=chosen, command=command())
    return Lot.objects.get(code=child)


def scrap(lot: Lot, **selection: object) -> Event:
    chosen = Selection(**selection)  # type: ignore[arg-type]
    return scrap_units(lot=lot, selection=chosen, command=command(reason="handling"))


def merge(into: Lot, *lots: Lot) -> Event:
    return merge_lots(into=into, lots=lots, command=command())


def test_split_divides_the_count() -> None:
    lot = counted_lot(quantity=10, customer="Cloud")
    child = split(lot, quantity=4)
    assert (again(lot).quantity, child.quantity, child.customer) == (6, 4, "Cloud")
    link = LotLineage.objects.get()
    assert (link.parent, link.child, link.kind) == (lot, child, "split")


def test_what_one_lot_gives_the_other_takes() -> None:
    child = split(counted_lot(quantity=10), quantity=4)
    event = Event.objects.get(verb="split")
    kinds = event.lines.values_list("lot__code", "kind", "quantity")
    assert set(kinds) == {
        ("N1", "in", 10), ("N1", "split-out", 4), ("N1", "good", 6),
        (child.code, "in", 0), (child.code, "merge-in", 4), (child.code, "good", 4),
    }  # fmt: skip


def test_wafers_go_with_their_lot() -> None:
    lot = wafer_lot(wafers=5)
    child = split(lot, wafers=(2, 5))
    assert (child.quantity, list(child.wafers.values_list("number", flat=True))) == (2, [2, 5])
    assert again(lot).quantity == 3


def test_dies_go_with_their_wafer() -> None:
    lot = die_lot(wafers=2, dies=4, bad=1)
    child = split(lot, wafers=(2,))
    assert (child.quantity, child.units.count(), again(lot).quantity) == (3, 4, 3)


def test_units_go_by_serial() -> None:
    child = split(chip_lot(chips=4), serials=("M1-C1", "M1-C3"))
    assert {unit.serial for unit in child.units.all()} == {"M1-C1", "M1-C3"}


@pytest.mark.parametrize("quantity", [10, 11])
def test_split_leaves_something(quantity: int) -> None:
    with pytest.raises(QuantityError, match="no part to split off"):
        split(counted_lot(quantity=10), quantity=quantity)


def test_named_things_are_not_split_by_number() -> None:
    with pytest.raises(QuantityError, match="serial numbers; say which"):
        split(chip_lot(chips=4), quantity=2)
    with pytest.raises(QuantityError, match="numbered wafers; say which"):
        split(wafer_lot(), quantity=2)


def test_wafers_the_lot_does_not_have_are_named() -> None:
    with pytest.raises(QuantityError, match="live wafer of number 7, 9"):
        split(wafer_lot(), wafers=(1, 7, 9))


def test_serials_the_lot_does_not_hold_are_named() -> None:
    with pytest.raises(QuantityError, match="does not hold NOPE"):
        split(chip_lot(), serials=("M1-C1", "NOPE"))


def test_built_in_parts_are_not_split_off() -> None:
    lot = die_lot()
    dies = good_units(lot)
    built(chip_order("P1", dies[:2]))
    with pytest.raises(PartError, match="is built into P1-P0"):
        split(lot, serials=(dies[0].serial,))


def test_child_needs_a_code_of_its_own() -> None:
    with pytest.raises(ConflictError, match="N1 exists already"):
        split(counted_lot(), child="N1", quantity=2)


@pytest.mark.parametrize("verb", ["split", "merge"])
def test_held_lot_is_neither_split_nor_merged(verb: str) -> None:
    lot = counted_lot()
    hold(lot)
    with pytest.raises(HeldError, match=f"{verb} must wait"):
        split(lot, quantity=2) if verb == "split" else merge(counted_lot("N2"), lot)


def test_merge_brings_everything_into_one() -> None:
    into = wafer_lot("W1", wafers=2)
    other = wafer_lot("W2", wafer_codes=("W2-03", "W2-04", "W2-05"))
    merge(into, other)
    assert (again(into).quantity, into.wafers.count()) == (5, 5)
    assert (again(other).quantity, again(other).state) == (0, LotState.FINISHED)
    assert LotLineage.objects.get().kind == "merge"


def test_an_empty_lot_ends_in_a_merge_too() -> None:
    empty = counted_lot("N2", quantity=0)
    merge(counted_lot("N1"), empty)
    assert again(empty).state == LotState.FINISHED


def test_wafers_of_one_number_are_told_apart_by_nobody() -> None:
    into = wafer_lot("W1", wafers=2)
    into.wafers.update(number=1)
    with pytest.raises(QuantityError, match="exactly one live wafer of number 1"):
        split(into, wafers=(1,))


def test_unlike_lots_are_refused_with_both_values() -> None:
    into = counted_lot("N1")
    other = counted_lot("N2", purpose=LotPurpose.ENGINEERING)
    with pytest.raises(UnlikeLotsError, match="purpose: N1 has production, N2 has engineering"):
        merge(into, other)
    assert again(other).quantity == 10


@pytest.mark.parametrize("names", [[], ["N1"], ["N2", "N2"]])
def test_merge_names_other_lots_each_once(names: list[str]) -> None:
    lots = {code: counted_lot(code) for code in ["N1", "N2"]}
    with pytest.raises(MalformedError, match="other lots"):
        merge(lots["N1"], *(lots[name] for name in names))


def test_merged_lot_is_at_its_end() -> None:
    into, other = counted_lot("N1"), counted_lot("N2")
    merge(into, other)
    with pytest.raises(WrongStateError, match="N2 is finished"):
        split(other, quantity=1)


def test_scrap_takes_a_count() -> None:
    event = scrap(counted_lot(quantity=10), quantity=3)
    assert again(event.lot).quantity == 7
    assert event.lines.get(kind="scrap").quantity == 3


def test_scrapped_wafers_are_marked() -> None:
    lot = wafer_lot()
    scrap(lot, wafers=(1, 2))
    marks = dict(lot.wafers.values_list("number", "is_scrapped"))
    assert (again(lot).quantity, marks) == (1, {1: True, 2: True, 3: False})


def test_scrapped_units_cannot_be_used_again() -> None:
    lot = chip_lot()
    scrap(lot, serials=("M1-C1",))
    with pytest.raises(PartError, match="M1-C1 is scrapped"):
        scrap(lot, serials=("M1-C1",))


def test_scrapping_a_wafer_spares_what_was_built_from_it() -> None:
    lot = die_lot(wafers=2, dies=4)
    dies = good_units(lot)
    built(chip_order("P1", dies[:2]))
    scrap(lot, wafers=(1,))
    states = list(lot.units.order_by("id").values_list("state", flat=True)[:4])
    assert (states, again(lot).quantity) == (["good", "good", "scrapped", "scrapped"], 4)


def test_lot_scrapped_whole_ends() -> None:
    lot = chip_lot(chips=4)
    scrap(lot, quantity=4)
    assert (again(lot).state, lot.units.filter(state="scrapped").count()) == ("scrapped", 4)


def test_more_than_there_is_cannot_be_scrapped() -> None:
    with pytest.raises(QuantityError, match="has 10 switch; 11 cannot leave"):
        scrap(counted_lot(quantity=10), quantity=11)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("", "Scrap needs a reason. Known: burn-in-fail"),
        ("bad luck", "bad luck is no reason for scrap. Known: burn-in-fail"),
    ],
)
def test_scrap_needs_a_listed_reason(reason: str, words: str) -> None:
    one = Selection(quantity=1)
    with pytest.raises(ReasonError, match=re.escape(words)):
        scrap_units(lot=counted_lot(), selection=one, command=command(reason=reason))


def test_held_lot_may_be_scrapped() -> None:
    lot = counted_lot(quantity=10)
    hold(lot)
    assert again(scrap(lot, quantity=10).lot).state == LotState.SCRAPPED
