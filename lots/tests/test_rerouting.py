"""Rework, changes of route, binning down, and swapped parts."""

from __future__ import annotations

from typing import Any

import pytest

from lots.domain.commands import HoldOrder, Selection
from lots.domain.errors import (
    BillError,
    HeldError,
    PartError,
    QuantityError,
    ReasonError,
    WrongStateError,
    WrongStepError,
)
from lots.domain.words import HoldClass, HoldScope, LotState
from lots.models import Event, Genealogy, Lot, Product, Unit
from lots.selectors.verifying import first_fault
from lots.services import (
    bin_down,
    hold_lot,
    move_lot,
    reroute_lot,
    rework_in,
    rework_out,
    ship_lot,
    swap_part,
    track_in,
)
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
    step,
    supplier,
)
from lots.tests.routing import draft_version, released_route
from supplychain.base.errors import MalformedError

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def polish(catalogue: None) -> None:
    released_route("POLISH", {"code": "STRIP"}, {"code": "CLEAN"}, is_rework=True)


def sent(
    lot: Lot, route: str = "POLISH", step: str = "STRIP", back: str = "SFT", hours: float = 0
) -> Lot:
    rework_out(
        lot=lot,
        route_code=route,
        step_code=step,
        return_step_code=back,
        command=command(hours=hours, reason="contact"),
    )
    return again(lot)


@pytest.mark.usefixtures("polish")
def test_lot_leaves_for_rework_and_comes_back_where_it_was_named() -> None:
    lot = sent(counted_lot(step_code="SFT"))
    assert (str(lot.route_version), lot.step.code, lot.rework_attempt) == ("POLISH v1", "STRIP", 1)
    move_lot(lot=lot, to_step=lot.route_version.steps.get(code="CLEAN"), command=command(hours=1))
    rework_in(lot=lot, command=command(hours=2))
    lot = again(lot)
    assert (str(lot.route_version), lot.step.code, lot.rework_return_step) == ("D v1", "SFT", None)
    assert sent(lot, hours=3).rework_attempt == 2
    assert first_fault() is None


@pytest.mark.usefixtures("polish")
def test_lot_may_come_back_earlier_but_leaves_no_step_out() -> None:
    lot = sent(counted_lot(step_code="SFT"))
    with pytest.raises(WrongStepError, match="TRAY would leave steps out"):
        rework_in(lot=lot, command=command(), to_step_code="TRAY")
    rework_in(lot=lot, command=command(), to_step_code="RCV")
    assert again(lot).step.code == "RCV"


@pytest.mark.usefixtures("polish")
def test_rework_is_refused_where_it_makes_no_sense() -> None:
    lot = counted_lot(step_code="SFT")
    with pytest.raises(WrongStateError, match="not on rework"):
        rework_in(lot=lot, command=command())
    with pytest.raises(WrongStepError, match="B v1 is no rework route"):
        sent(lot, "B", "RCV")
    with pytest.raises(WrongStepError, match="TRAY would leave steps out"):
        sent(lot, back="TRAY")
    with pytest.raises(WrongStepError, match="MOON is not on D v1"):
        sent(lot, back="MOON")
    with pytest.raises(WrongStateError, match="on rework already"):
        sent(sent(lot))


@pytest.mark.usefixtures("polish")
def test_rework_needs_a_listed_reason() -> None:
    with pytest.raises(ReasonError, match="ball-defect, contact, mark-defect"):
        rework_out(
            lot=counted_lot(step_code="SFT"),
            route_code="POLISH",
            step_code="STRIP",
            return_step_code="SFT",
            command=command(reason="scratched"),
        )


@pytest.mark.usefixtures("polish")
def test_held_lot_is_not_reworked() -> None:
    lot = counted_lot(step_code="SFT")
    hold(lot)
    with pytest.raises(HeldError, match="rework-out must wait"):
        sent(lot)


def rerouted(lot: Lot, version: int, code: str, reason: str = "new version") -> Event:
    wanted = lot.route_version.route.versions.get(version=version)
    return reroute_lot(
        lot=lot, to_version=wanted, to_step_code=code, command=command(reason=reason)
    )


def test_lot_is_moved_to_another_version_by_an_event_with_a_reason() -> None:
    lot = counted_lot()
    released_route("D", {"code": "RCV"}, {"code": "SCAN"})
    assert str(again(lot).route_version) == "D v1"
    event = rerouted(lot, 2, "SCAN")
    assert (str(again(lot).route_version), again(lot).step.code) == ("D v2", "SCAN")
    assert (event.payload["from"], event.payload["to"]) == ("D v1", "D v2")
    with pytest.raises(MalformedError, match="change of route needs a reason"):
        rerouted(lot, 1, "RCV", reason="")


def test_lot_goes_to_no_draft_and_no_unknown_step() -> None:
    lot = counted_lot()
    draft_version("D", {"code": "RCV"})
    with pytest.raises(WrongStepError, match="D v2 is draft"):
        rerouted(lot, 2, "RCV")
    with pytest.raises(WrongStepError, match="on D v1 already"):
        rerouted(lot, 1, "SFT")
    released_route("D", {"code": "SCAN"}, version=3)
    with pytest.raises(WrongStepError, match="no step RCV on D v3"):
        rerouted(lot, 3, "RCV")


@pytest.mark.usefixtures("polish")
def test_lot_on_rework_is_not_rerouted() -> None:
    lot = sent(counted_lot(step_code="SFT"))
    wanted = step("D", "SFT").route_version
    with pytest.raises(WrongStateError, match="on rework"):
        reroute_lot(lot=lot, to_version=wanted, to_step_code="SFT", command=command(reason="back"))


def lesser(code: str = "TRN2-LITE", kind: str = "package") -> Product:
    return Product.objects.create(code=code, name=code, family="Trn2", kind=kind)


def binned(lot: Lot, selection: Selection, product: str = "TRN2-LITE") -> Lot:
    bin_down(
        lot=lot,
        child_code="LOW",
        product_code=product,
        selection=selection,
        command=command(reason="speed"),
    )
    return Lot.objects.get(code="LOW")


def test_binned_units_are_of_the_lesser_product() -> None:
    lot, product = chip_lot(chips=4), lesser()
    child = binned(lot, Selection(serials=("M1-C0", "M1-C1")))
    assert (child.product, child.quantity, again(lot).quantity) == (product, 2, 2)
    assert set(child.units.values_list("product__code", flat=True)) == {"TRN2-LITE"}
    assert [link.kind for link in child.parent_links.all()] == ["bin"]
    assert first_fault() is None


def test_lot_binned_whole_ends() -> None:
    lesser()
    lot = chip_lot(chips=2)
    binned(lot, Selection(quantity=2))
    assert again(lot).state == LotState.FINISHED


def test_binning_is_refused_where_it_makes_no_sense() -> None:
    lesser(), lesser("SLED-X", "sled")
    lot = chip_lot(chips=2)
    with pytest.raises(QuantityError, match="is TRN2 already"):
        binned(lot, Selection(quantity=2), "TRN2")
    with pytest.raises(QuantityError, match="SLED-X is a sled"):
        binned(lot, Selection(quantity=2), "SLED-X")
    with pytest.raises(QuantityError, match="1000 cannot be binned down"):
        binned(counted_switches(), Selection(quantity=1000), "NSW-LITE")
    hold(lot)
    with pytest.raises(HeldError, match="bin must wait"):
        binned(lot, Selection(quantity=2))


def counted_switches() -> Lot:
    lesser("NSW-LITE", "switch")
    return counted_lot(quantity=10)


def package() -> Unit:
    """P1-P0, built of two dies of W1; two more are left."""
    built(chip_order("P1", good_units(die_lot(wafers=1, dies=4))[:2]))
    return Unit.objects.get(serial="P1-P0")


def swapped(
    parent: Unit, new: str = "W1-01:2:0", *, position: str = "D0", lot: str = "RMA", hours: int = 9
) -> Event:
    return swap_part(
        parent=parent,
        position=position,
        new_serial=new,
        command=command(hours=hours, reason="field failure"),
        returned_lot_code=lot,
    )


def test_swap_closes_one_edge_and_opens_another() -> None:
    parent = package()
    event = swapped(parent)
    old, new = Genealogy.objects.filter(parent=parent, position="D0").order_by("id")
    assert (old.valid_to, new.valid_from) == (event.occurred_at, event.occurred_at)
    assert (old.closed_by, new.opened_by, new.valid_to) == (event, event, None)
    returned = Lot.objects.get(code="RMA")
    assert (old.child.lot, returned.quantity, returned.product.code) == (returned, 1, "TRN3-DIE")
    assert Lot.objects.get(code="W1").quantity == 1
    assert first_fault() is None


def test_second_part_goes_to_the_same_lot_and_bad_ones_count_for_nothing() -> None:
    parent = package()
    swapped(parent)
    Unit.objects.filter(serial="W1-01:1:0").update(state="reject")
    swapped(parent, "W1-01:3:0", position="D1")
    assert Lot.objects.get(code="RMA").quantity == 1
    assert Lot.objects.get(code="W1").state == LotState.FINISHED
    found = first_fault()
    assert found is not None, "its state was edited by hand"
    assert found.what.startswith("units it made are otherwise than its ledger says")


def test_shipped_and_held_things_are_repaired() -> None:
    parent = package()
    lot = Lot.objects.get(code="P1")
    ship_lot(lot=lot, to=supplier("ODM1"), customer="", command=command())
    hold(lot)
    swapped(parent)
    assert again(lot).version == 4


def test_swap_is_refused_where_it_makes_no_sense() -> None:
    parent = package()
    chip_lot("M1")
    with pytest.raises(PartError, match=r"Nothing stands in P1-P0 at D7\. Taken: D0, D1"):
        swapped(parent, position="D7")
    with pytest.raises(PartError, match="GHOST is not known"):
        swapped(parent, "GHOST")
    with pytest.raises(PartError, match="W1-01:1:0 is built into P1-P0"):
        swapped(parent, "W1-01:1:0")
    with pytest.raises(BillError, match="Swap like for like"):
        swapped(parent, "M1-C0")
    with pytest.raises(WrongStateError, match="after the swap"):
        swapped(parent, hours=-1)
    with pytest.raises(WrongStepError, match="returned TRN3-DIE needs a lot of its own"):
        swapped(parent, lot="M1")


def test_part_on_hold_is_not_put_in() -> None:
    parent = package()
    hold(Lot.objects.get(code="W1"))
    with pytest.raises(HeldError, match="bin spike"):
        swapped(parent)


def test_part_does_not_leave_its_hold_by_a_swap() -> None:
    parent = package()
    spare = die_lot("W2")
    hold(Lot.objects.get(code="W1"))
    with pytest.raises(HeldError, match=r"W1-01:0:0 is on hold \(bin spike, lot W1\)"):
        swapped(parent, "W2-01:0:0")
    swapped(parent, "W2-01:0:0", lot="W1")
    assert (Unit.objects.get(serial="W1-01:0:0").lot.code, again(spare).quantity) == ("W1", 7)  # type: ignore[union-attr]
    assert first_fault() is None


@pytest.mark.parametrize(
    "part",
    [
        {"scope": HoldScope.UNIT, "serials": ("W1-01:0:0",)},
        {"scope": HoldScope.WAFER, "wafers": (1,)},
    ],
)
def test_part_held_by_itself_or_its_wafer_is_not_taken_out(part: dict[str, Any]) -> None:
    parent = package()
    die_lot("W2")
    order = HoldOrder(HoldClass.QUALITY, "burnt", **part)
    hold_lot(lot=Lot.objects.get(code="W1"), order=order, command=command())
    with pytest.raises(HeldError, match=r"W1-01:0:0 is on hold \(burnt, lot W1\)"):
        swapped(parent, "W2-01:0:0")
    swapped(parent, "W2-01:0:0", lot="W1")
    assert Lot.objects.get(code="W1").quantity == 3


def test_part_that_belongs_nowhere_is_not_put_in() -> None:
    parent = package()
    Unit.objects.filter(serial="W1-01:2:0").update(lot=None)
    with pytest.raises(PartError, match="belongs to no lot"):
        swapped(parent)


def test_parent_that_belongs_nowhere_is_not_repaired_here() -> None:
    parent = package()
    Unit.objects.filter(pk=parent.pk).update(lot=None)
    with pytest.raises(PartError, match="P1-P0 belongs to no lot"):
        swapped(parent)


def test_lot_at_work_on_rework_is_tracked_out_before_it_comes_back() -> None:
    released_route("HEAL", {"code": "BAKE"}, is_rework=True)
    lot = sent(counted_lot(step_code="SFT"), "HEAL", "BAKE")
    track_in(lot=lot, command=command())
    with pytest.raises(WrongStateError, match="rework-in must wait"):
        rework_in(lot=lot, command=command())
