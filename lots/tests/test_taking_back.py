"""A receipt, a dicing and an assembly corrected: what they made known is withdrawn."""

from __future__ import annotations

import pytest

from lots.domain.commands import AssemblyOrder, Build, Part, Selection
from lots.domain.errors import HeldError, PartError, WrongStateError
from lots.domain.orders import AmendOrder, FutureActionOrder
from lots.domain.words import LotPurpose, Trigger, Verb
from lots.models import Event, FutureAction, Genealogy, Lot, Unit, Wafer
from lots.selectors import open_holds, uses
from lots.selectors.as_of import lot_as_of, lots_as_of
from lots.selectors.genealogy import edges_around, lineage_of, parts_of
from lots.selectors.materials import links_now
from lots.selectors.verifying import first_fault
from lots.services import (
    amend_lot,
    correct_event,
    move_lot,
    plan_action,
    receive_shipment,
    receive_wafers,
    record_loss,
    release_hold,
    scrap_units,
    ship_lot,
    split_lot,
    swap_part,
)
from lots.tests.making import (
    T0,
    again,
    built,
    chip_lot,
    chip_order,
    command,
    counted_lot,
    dice,
    die_lot,
    die_orders,
    good_units,
    hold,
    step,
    supplier,
    wafer_lot,
)
from supplychain.base.errors import ConflictError, MissingError

pytestmark = pytest.mark.usefixtures("catalogue")


def corrected(event: Event) -> Event:
    return correct_event(event=event, command=command(hours=9, reason="wrong"))


def origin_of(lot: Lot) -> Event:
    """The last event that made the lot, or what is in it."""
    return Event.objects.filter(lot=lot, verb__in=["receive", "dice", "assemble"]).latest("seq")


def stands(lot: Lot) -> tuple[int, str, str]:
    now = again(lot)
    return now.quantity, now.unit_of_measure, now.state


def test_a_receipt_taken_back_leaves_nothing() -> None:
    lot = chip_lot(chips=3)
    done = corrected(origin_of(lot))
    assert stands(lot) == (0, "package", "withdrawn")
    assert not Unit.objects.exclude(state="withdrawn", lot=None).exists()
    assert len(done.payload["unit_ids"]) == 3
    assert first_fault() is None


def test_serials_and_wafers_taken_back_are_received_in_another_lot() -> None:
    corrected(origin_of(chip_lot("M1", chips=2)))
    corrected(origin_of(wafer_lot("W1", wafer_codes=("N3-1", "N3-2"), wafers=2)))
    chips = chip_lot("M2", chips=3, serials=("M1-C0", "M1-C1", "X"))
    wafers = wafer_lot("W2", wafer_codes=("N3-2", "N3-3"), wafers=2)
    assert Unit.objects.get(serial="M1-C0").created_by == origin_of(chips)
    assert set(chips.units.values_list("serial", "state")) == {
        ("M1-C0", "good"), ("M1-C1", "good"), ("X", "good"),
    }  # fmt: skip
    live = wafers.wafers.filter(is_scrapped=False, is_withdrawn=False)
    assert sorted(live.values_list("code", flat=True)) == ["N3-2", "N3-3"]
    assert Wafer.objects.get(is_withdrawn=True).code == "N3-1"


def test_a_serial_that_is_there_is_still_refused_beside_one_taken_back() -> None:
    corrected(origin_of(chip_lot("M1", chips=1)))
    chip_lot("M2", chips=1)
    with pytest.raises(ConflictError, match="M2-C0"):
        chip_lot("M3", serials=("M1-C0", "M2-C0"), chips=2)
    assert Unit.objects.get(serial="M1-C0").state == "withdrawn"


def test_a_lot_taken_back_is_received_again_under_its_code() -> None:
    lot = counted_lot("N1", quantity=10)
    mistake = origin_of(lot)
    amend_lot(lot=lot, order=AmendOrder(customer="A"), command=command())
    corrected(Event.objects.get(verb="amend"))
    before = corrected(mistake).seq - 1
    counted_lot("N1", quantity=8, purpose=LotPurpose.RISK, customer="B")
    assert (stands(lot), first_fault()) == ((8, "switch", "active"), None)
    now, then = lot_as_of("N1", seq=before + 2), lot_as_of("N1", seq=before)
    assert (now.quantity, now.purpose, now.customer) == (8, "risk-production", "B")
    assert (then.quantity, then.purpose, then.customer) == (10, "production", "")


def test_what_is_received_again_is_taken_back_again() -> None:
    lot = counted_lot("N1", quantity=10)
    corrected(origin_of(lot))
    counted_lot("N1", quantity=8)
    corrected(origin_of(lot))
    assert (stands(lot), first_fault()) == ((0, "switch", "withdrawn"), None)


def test_a_lot_taken_back_does_not_begin_anew_as_another_thing() -> None:
    corrected(origin_of(counted_lot("N1")))
    with pytest.raises(ConflictError, match="its kind was part, not wafer"):
        wafer_lot("N1")


def test_a_lot_taken_back_is_known_then_and_was_never_there() -> None:
    lot = counted_lot(quantity=10)
    done = corrected(origin_of(lot))
    assert [one.quantity for one in lots_as_of(seq=done.seq - 1)] == [10]
    assert lots_as_of(seq=done.seq) == lots_as_of(happened_by=T0) == []
    with pytest.raises(MissingError, match="was not there yet"):
        lot_as_of(lot.code, happened_by=T0)


def test_nothing_is_done_with_a_lot_taken_back() -> None:
    lot = counted_lot()
    corrected(origin_of(lot))
    with pytest.raises(WrongStateError, match="withdrawn; move is not possible"):
        move_lot(lot=lot, to_step=step("D", "SFT"), command=command())


def test_a_receipt_is_not_taken_back_once_something_happened() -> None:
    lot = counted_lot()
    first = origin_of(lot)
    loss = record_loss(lot=lot, selection=Selection(quantity=2), command=command(reason="missing"))
    with pytest.raises(ConflictError, match=f"{loss.seq} loss. Correct those first"):
        corrected(first)
    corrected(loss)
    split_lot(lot=lot, child_code="N2", selection=Selection(quantity=2), command=command())
    with pytest.raises(ConflictError, match="A split is not corrected, so this stands too"):
        corrected(first)


def test_a_held_receipt_is_not_taken_back_before_the_hold_is_released() -> None:
    lot = counted_lot()
    placed = hold(lot, "odd count")
    with pytest.raises(HeldError, match="odd count"):
        corrected(origin_of(lot))
    release_hold(hold=placed, disposition="return", command=command())
    corrected(origin_of(lot))
    assert stands(lot)[2] == "withdrawn"


def test_wafers_added_by_mistake_leave_the_lot() -> None:
    lot = wafer_lot("W1", wafers=2)
    added = receive_wafers(lot=lot, wafer_codes=("N3-9",), command=command())
    corrected(added)
    assert (stands(lot), first_fault()) == ((2, "wafer", "active"), None)
    assert Wafer.objects.get(code="N3-9").is_withdrawn


def test_an_arrival_taken_back_is_on_its_way_again() -> None:
    lot = counted_lot()
    ship_lot(lot=lot, to=supplier("OPS"), customer="", command=command())
    before = again(lot)
    arrival = receive_shipment(
        lot=lot, custodian=supplier("OPS"), to_step=step("D", "SFT"), counted_quantity=9,
        command=command(),
    )  # fmt: skip
    corrected(arrival)
    now = again(lot)
    assert (now.state, now.step, now.custodian) == ("shipped", before.step, before.custodian)
    assert first_fault() is None


def test_dies_cut_by_mistake_are_wafers_again() -> None:
    lot = die_lot(wafers=2, dies=4, bad=1)
    done = corrected(origin_of(lot))
    assert stands(lot) == (2, "wafer", "active")
    assert not Unit.objects.exclude(state="withdrawn", lot=None).exists()
    assert not lot.wafers.filter(is_diced=True).exists()
    kinds = {(line.unit_of_measure, line.kind): line.quantity for line in done.lines.all()}
    assert (kinds["die", "bonus"], kinds["die", "consumed"]) == (2, 8)
    assert first_fault() is None


def test_wafers_are_diced_again_with_the_same_dies() -> None:
    lot = die_lot(wafers=1, dies=4, bad=1)
    ids = set(Unit.objects.values_list("id", flat=True))
    corrected(origin_of(lot))
    dice(lot, die_orders(1, 5))
    units = Unit.objects.filter(lot=lot, state="good")
    assert units.count() == 5
    assert ids < set(units.values_list("id", flat=True))
    assert (stands(lot), first_fault()) == ((5, "die", "active"), None)


def test_dies_that_all_failed_are_wafers_again() -> None:
    lot = die_lot(wafers=1, dies=2, bad=2)
    assert stands(lot) == (0, "die", "finished")
    corrected(origin_of(lot))
    assert (stands(lot), first_fault()) == ((1, "wafer", "active"), None)


def test_dicing_stands_once_dies_are_built_in() -> None:
    lot = die_lot(wafers=1, dies=4)
    package = built(chip_order("P1", good_units(lot)[:2]))
    with pytest.raises(ConflictError, match=f"{origin_of(package).seq} assemble"):
        corrected(origin_of(lot))
    corrected(origin_of(package))
    corrected(origin_of(lot))
    assert stands(lot) == (1, "wafer", "active")


def test_parts_of_packages_built_by_mistake_are_back_in_their_lots() -> None:
    lots = [die_lot("W1", wafers=1, dies=2), die_lot("W2", wafers=1, dies=3)]
    dies = [unit for lot in lots for unit in good_units(lot)]
    package = built(chip_order("P1", dies[:4]))
    assert [stands(lot)[2] for lot in lots] == ["finished", "active"]
    done = corrected(origin_of(package))
    assert [stands(lot) for lot in lots] == [(2, "die", "active"), (3, "die", "active")]
    assert stands(package) == (0, "package", "withdrawn")
    assert [good_units(lot) for lot in lots] == [dies[:2], dies[2:]]
    assert Genealogy.objects.filter(valid_to=None).count() == 0
    assert set(Genealogy.objects.values_list("closed_by", flat=True)) == {done.pk}
    assert (list(links_now()), lineage_of(["P1"]), first_fault()) == ([], [], None)


def test_a_corrected_edge_was_known_and_never_was() -> None:
    lot = die_lot(wafers=1, dies=2)
    done = corrected(origin_of(built(chip_order("P1", good_units(lot)))))
    edge = Genealogy.objects.latest("id")
    assert edge.valid_to == edge.valid_from
    assert (edge.closed_by, parts_of(edge.parent)) == (done, [])


def test_edges_are_read_as_known_before_and_after_their_correction() -> None:
    dies = good_units(die_lot(wafers=1, dies=2))
    package = built(chip_order("P1", dies))
    seq = origin_of(package).seq
    corrected(origin_of(package))
    unit = Unit.objects.get(serial="P1-P0")
    then = edges_around([unit.pk], seq=seq)
    assert [(edge.serial, edge.until) for edge in then] == [(die.serial, None) for die in dies]
    for known in (seq - 1, seq + 1, None):
        assert edges_around([unit.pk], seq=known, is_closed_too=True) == []


def test_packages_are_built_again_from_other_dies_under_their_serials() -> None:
    lot = die_lot(wafers=1, dies=4)
    dies = good_units(lot)
    package = built(chip_order("P1", dies[:2]))
    corrected(origin_of(package))
    built(chip_order("P1", dies[2:]))
    unit = Unit.objects.get(serial="P1-P0")
    assert [node.unit for node in parts_of(unit)] == dies[2:]
    assert (stands(package), stands(lot)[0]) == ((1, "package", "active"), 2)
    assert first_fault() is None


def test_builds_added_by_mistake_leave_the_others_in_their_lot() -> None:
    dies = good_units(die_lot(wafers=1, dies=6))
    package = built(chip_order("P1", dies[:4]))
    built(chip_order("P1", dies[4:], first=2))
    corrected(origin_of(package))
    assert (stands(package), first_fault()) == ((2, "package", "active"), None)
    assert sorted(package.units.values_list("serial", flat=True)) == ["P1-P0", "P1-P1"]


def test_parts_come_back_beside_what_their_lot_gave_and_lost_since() -> None:
    lot = die_lot(wafers=1, dies=6)
    dies = good_units(lot)
    package = built(chip_order("P1", dies[:2]))
    built(chip_order("P2", dies[2:4]))
    rest = Selection(serials=tuple(unit.serial for unit in dies[4:]))
    record_loss(lot=lot, selection=rest, command=command(reason="missing"))
    assert stands(lot) == (0, "die", "scrapped")
    corrected(origin_of(package))
    assert (stands(lot), first_fault()) == ((2, "die", "active"), None)


def test_parts_do_not_come_back_to_a_lot_that_went_on() -> None:
    lot = die_lot(wafers=1, dies=4)
    package = built(chip_order("P1", good_units(lot)[:2]))
    gone = move_lot(lot=lot, to_step=step("A", "COWOS"), command=command())
    with pytest.raises(ConflictError, match=f"lot W1 build on .*{gone.seq} move"):
        corrected(origin_of(package))


def test_parts_do_not_come_back_out_of_a_wafer_that_was_split_off() -> None:
    lot = die_lot(wafers=2, dies=2)
    package = built(chip_order("P1", good_units(lot)[1:3]))
    split_lot(lot=lot, child_code="W1.1", selection=Selection(wafers=(1,)), command=command())
    with pytest.raises(ConflictError, match=r"1 of them .* Swap the parts .* or scrap what was"):
        corrected(origin_of(package))
    spare = good_units(lot)[-1]
    swap_part(
        parent=Unit.objects.get(serial="P1-P0"), position="D0", new_serial=spare.serial,
        command=command(), returned_lot_code="R1",
    )  # fmt: skip
    scrap_units(lot=package, selection=Selection(1), command=command(reason="handling"))
    assert (stands(package)[2], first_fault()) == ("scrapped", None)


def test_an_assembly_stands_once_a_part_was_swapped() -> None:
    chips = chip_lot(chips=3)
    parts = tuple(Part(f"M1-C{place}", f"P{place}") for place in range(2))
    sled = built(AssemblyOrder("S1", "TRN2-SLED", "E", "SLED", "ODM1", (Build("SLED1", parts),)))
    swap = swap_part(
        parent=Unit.objects.get(serial="SLED1"), position="P0", new_serial="M1-C2",
        command=command(), returned_lot_code="R1",
    )  # fmt: skip
    assert swap.lot != chips
    with pytest.raises(ConflictError, match=f"{swap.seq} swap. A swap is not corrected"):
        corrected(origin_of(sled))


def test_packages_shipped_or_built_in_stay() -> None:
    dies = good_units(die_lot(wafers=1, dies=2))
    package = built(chip_order("P1", dies))
    sent = ship_lot(lot=package, to=supplier("OPS"), customer="", command=command())
    with pytest.raises(ConflictError, match=f"{sent.seq} ship"):
        corrected(origin_of(package))


def test_what_was_taken_back_is_built_into_nothing() -> None:
    corrected(origin_of(chip_lot(chips=2)))
    parts = (Part("M1-C0", "P0"), Part("M1-C1", "P1"))
    with pytest.raises(PartError, match="belong to no lot"):
        built(AssemblyOrder("S1", "TRN2-SLED", "E", "SLED", "ODM1", (Build("SLED1", parts),)))


def test_a_hold_that_the_mistake_set_off_goes_with_it_and_plans_of_the_lot_end() -> None:
    plan_action(
        order=FutureActionOrder(
            Trigger.EVENT, Verb.HOLD, "first of its kind", product_code="TRN3",
            on_verb=Verb.ASSEMBLE,
        )
    )  # fmt: skip
    package = built(chip_order("P1", good_units(die_lot(wafers=1, dies=2))))
    plan_action(
        order=FutureActionOrder(
            Trigger.ARRIVES, Verb.BANK, "wait", lot_code="P1", step_code="FT-HOT"
        )
    )
    assert list(open_holds(package))
    corrected(origin_of(package))
    assert not list(open_holds(package))
    states = FutureAction.objects.order_by("id").values_list("state", flat=True)
    assert (list(states), first_fault()) == (["armed", "cancelled"], None)


def test_what_another_app_did_with_it_stands_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    package = built(chip_order("P1", good_units(die_lot(wafers=1, dies=2))))
    monkeypatch.setitem(uses._readers, "rack", lambda origin: f"{origin.units.get()} is in a rack")
    with pytest.raises(ConflictError, match="not taken back: P1-P0 is in a rack"):
        corrected(origin_of(package))
