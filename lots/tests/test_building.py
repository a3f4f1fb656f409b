from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lots.domain.commands import AssemblyOrder, Build, DieOrder, Part, Selection
from lots.domain.errors import (
    BillError,
    HeldError,
    PartError,
    QuantityError,
    WrongStepError,
)
from lots.domain.words import LotState
from lots.models import Event, Genealogy, Product, Unit
from lots.services import dice_lot, split_lot
from lots.tests.making import (
    again,
    built,
    chip_lot,
    chip_order,
    command,
    dice,
    die_lot,
    die_orders,
    good_units,
    hold,
    wafer_lot,
)
from lots.tests.routing import released_route
from supplychain.base.errors import ConflictError, MalformedError, StaleError

pytestmark = pytest.mark.usefixtures("catalogue")


def test_wafers_become_dies() -> None:
    lot = die_lot(wafers=2, dies=4, bad=1)
    assert (lot.unit_of_measure, lot.quantity, lot.state) == ("die", 6, LotState.ACTIVE)
    die = Unit.objects.get(serial="W1-02:3:0")
    assert (die.wafer.code if die.wafer else "", die.x, die.y, die.state) == ("W1-02", 3, 0, "good")
    assert lot.units.filter(state="reject").count() == 2
    assert all(wafer.is_diced for wafer in lot.wafers.all())


def test_conversion_states_what_it_should_have_given() -> None:
    event = Event.objects.get(lot=die_lot(wafers=2, dies=4, bad=1), verb="dice")
    lines = event.lines.values_list("unit_of_measure", "kind", "quantity", "expected")
    assert set(lines) == {
        ("wafer", "in", 2, None), ("wafer", "consumed", 2, 128), ("wafer", "good", 0, None),
        ("die", "in", 0, None), ("die", "produced", 8, 128), ("die", "reject", 2, None),
        ("die", "good", 6, None),
    }  # fmt: skip


def test_die_without_a_size_has_no_expectation() -> None:
    Product.objects.filter(code="TRN3-DIE").update(die_width_mm=None)
    event = Event.objects.get(lot=die_lot(), verb="dice")
    assert event.lines.get(kind="produced").expected is None


def test_lot_without_a_good_die_ends() -> None:
    assert die_lot(dies=2, bad=2).state == LotState.FINISHED


def test_dicing_waits_for_its_step() -> None:
    with pytest.raises(WrongStepError, match="Move it to a dicing step"):
        dice(wafer_lot(step="CP1"), die_orders(3, 2))


def test_dies_are_not_diced() -> None:
    with pytest.raises(QuantityError, match="holds die, not wafers"):
        dice(die_lot(), die_orders(2, 2))


@pytest.mark.parametrize("wafers", [2, 4])
def test_every_wafer_is_diced_and_no_other(wafers: int) -> None:
    with pytest.raises(QuantityError, match="differ at wafer"):
        dice(wafer_lot(step="DICE", wafers=3), die_orders(wafers, 2))


def test_wafers_without_number_cannot_be_diced() -> None:
    lot = wafer_lot(step="DICE", wafers=2, wafer_codes=("ODD-A", "ODD-B"))
    with pytest.raises(QuantityError, match="without number"):
        dice(lot, [])


def test_die_is_cut_once() -> None:
    with pytest.raises(MalformedError, match="named twice"):
        dice(wafer_lot(step="DICE", wafers=1), [DieOrder(1, 0, 0, True), DieOrder(1, 0, 0, False)])


def test_wafers_become_nothing_but_dies() -> None:
    with pytest.raises(MalformedError, match="TRN3 is no die"):
        dice_lot(
            lot=wafer_lot(step="DICE"),
            dies=die_orders(3, 1),
            die_product=Product.objects.get(code="TRN3"),
            command=command(),
        )


def test_held_lot_is_not_diced() -> None:
    lot = wafer_lot(step="DICE")
    hold(lot)
    with pytest.raises(HeldError, match="dice must wait"):
        dice(lot, die_orders(3, 1))


def test_dicing_a_full_lot_is_a_handful_of_queries() -> None:
    lot = wafer_lot(step="DICE", wafers=25)
    with CaptureQueriesContext(connection) as queries:
        dice(lot, die_orders(25, 64))
    assert (again(lot).quantity, len(queries)) == (1600, 20)


def test_dies_become_packages() -> None:
    dies = good_units(die_lot())
    lot = built(chip_order("P1", dies[:4]))
    assert (lot.kind, lot.unit_of_measure, lot.quantity, lot.bill is None) == (
        "assembly", "package", 2, False,
    )  # fmt: skip
    edge = Genealogy.objects.get(child=dies[3])
    assert (edge.parent.serial, edge.position, edge.valid_to) == ("P1-P1", "D1", None)


def test_parts_leave_the_lots_they_came_from() -> None:
    first, second = die_lot("W1", dies=1), die_lot("W2", dies=1)
    lot = built(chip_order("P1", [*good_units(first), *good_units(second)]))
    assert (again(first).quantity, again(first).state) == (0, LotState.FINISHED)
    assert {link.parent for link in lot.parent_links.all()} == {first, second}
    event = Event.objects.get(verb="assemble")
    assert set(event.lines.values_list("lot__code", "kind", "quantity")) == {
        ("W1", "in", 2), ("W1", "consumed", 2), ("W1", "good", 0),
        ("W2", "in", 2), ("W2", "consumed", 2), ("W2", "good", 0),
        ("P1", "in", 0), ("P1", "produced", 2), ("P1", "good", 2),
    }  # fmt: skip


def test_more_builds_join_the_lot_at_its_step() -> None:
    dies = good_units(die_lot())
    lot = built(chip_order("P1", dies[:2]))
    built(chip_order("P1", dies[2:6], first=1))
    assert (again(lot).quantity, again(lot).version, lot.units.count()) == (3, 2, 3)


def test_more_builds_join_a_lot_that_follows_an_older_version_of_its_route() -> None:
    dies = good_units(die_lot())
    lot = built(chip_order("P1", dies[:2]))
    released_route("A", {"code": "COWOS"}, {"code": "FT-HOT"})
    built(chip_order("P1", dies[2:4], first=1))
    newer = built(chip_order("P2", dies[4:6]))
    assert (again(lot).quantity, str(again(lot).route_version)) == (2, "A v1")
    assert str(newer.route_version) == "A v2"


def test_standing_lot_takes_no_builds_at_a_step_of_a_newer_version_only() -> None:
    dies = good_units(die_lot())
    built(chip_order("P1", dies[:2]))
    released_route("A", {"code": "COWOS"}, {"code": "BOND"})
    with pytest.raises(WrongStepError, match="need a lot of their own"):
        built(replace(chip_order("P1", dies[2:4], first=1), step_code="BOND"))


def test_other_builds_need_a_lot_of_their_own() -> None:
    dies = good_units(die_lot())
    built(chip_order("P1", dies[:2]))
    with pytest.raises(WrongStepError, match="need a lot of their own"):
        built(replace(chip_order("P1", dies[2:4], first=1), step_code="FT-HOT"))


def test_wrong_number_of_parts_is_named() -> None:
    dies = good_units(die_lot())
    build = Build("P1-P0", (Part(dies[0].serial, "D0"),))
    order = replace(chip_order("P1", dies[:2]), builds=(build,))
    with pytest.raises(BillError, match="P1-P0 needs 2 of TRN3-DIE, 1 were given"):
        built(order)


def test_thing_without_a_bill_is_not_built() -> None:
    dies = good_units(die_lot())
    with pytest.raises(BillError, match="TRN2 has no released bill"):
        built(replace(chip_order("P1", dies[:2]), product_code="TRN2"))


def test_rejected_die_is_not_packaged() -> None:
    dies = list(die_lot(dies=4, bad=1).units.order_by("id"))
    with pytest.raises(PartError, match="W1-01:0:0 is reject"):
        built(chip_order("P1", dies[:2]))


def test_die_is_packaged_once() -> None:
    dies = good_units(die_lot())
    built(chip_order("P1", dies[:2]))
    with pytest.raises(PartError, match="W1-01:1:0 is built into P1-P0"):
        built(chip_order("P2", dies[1:3]))


def test_unknown_part_is_named() -> None:
    (die, *_) = good_units(die_lot())
    with pytest.raises(PartError, match="GHOST are not known"):
        built(chip_order("P1", [die, Unit(serial="GHOST")]))


def test_part_without_a_lot_is_refused() -> None:
    dies = good_units(die_lot())
    Unit.objects.filter(pk=dies[0].pk).update(lot=None)
    with pytest.raises(PartError, match="belong to no lot"):
        built(chip_order("P1", dies[:2]))


def test_built_thing_has_a_serial_of_its_own() -> None:
    dies = good_units(die_lot())
    built(chip_order("P1", dies[:2]))
    with pytest.raises(ConflictError, match="P1-P0"):
        built(chip_order("P1", dies[2:4]))


def test_nothing_is_built_from_a_held_lot() -> None:
    lot = die_lot()
    hold(lot)
    with pytest.raises(HeldError, match="assemble must wait"):
        built(chip_order("P1", good_units(lot)[:2]))


def test_lot_is_not_built_from_its_own_parts() -> None:
    dies = good_units(die_lot())
    with pytest.raises(PartError, match="its own parts"):
        built(chip_order("W1", dies[:2]))


def test_sleds_servers_and_ultraservers_are_built_alike() -> None:
    chips = good_units(chip_lot(chips=128))
    sleds = stack("S", "TRN2-SLED", chips, 2)
    servers = stack("V", "TRN2-SRV16", sleds, 8)
    (ultra, *rest) = stack("U", "TRN2-US64", servers[:4], 4)
    assert (ultra.kind, rest, len(sleds), len(servers)) == ("ultraserver", [], 64, 8)


def stack(code: str, product: str, parts: list[Unit], each: int) -> list[Unit]:
    groups = [parts[start : start + each] for start in range(0, len(parts), each)]
    builds = tuple(
        Build(f"{code}-{n}", tuple(Part(unit.serial, f"{p}") for p, unit in enumerate(group)))
        for n, group in enumerate(groups)
    )
    return good_units(built(AssemblyOrder(code, product, "E", "SLED", "ODM1", builds)))


def test_two_hundred_packages_are_a_handful_of_queries() -> None:
    dies = good_units(die_lot(wafers=10, dies=40))
    with CaptureQueriesContext(connection) as queries:
        built(chip_order("P1", dies))
    assert len(queries) == 35


def test_part_that_changed_lots_meanwhile_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    lot = die_lot()
    dies = good_units(lot)
    seen = {die.serial: die for die in dies[:2]}
    taken = Selection(serials=(dies[0].serial,))
    split_lot(lot=lot, child_code="W1.1", selection=taken, command=command())
    monkeypatch.setattr("lots.services.assembling._parts", lambda _order: seen)
    with pytest.raises(StaleError, match="Send the operation again"):
        built(chip_order("P1", dies[:2]))
