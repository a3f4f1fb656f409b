"""Holds on part of a lot, on a role's word, and on what they follow."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User

from lots.domain.commands import Command, HoldOrder, Selection
from lots.domain.errors import HeldError, QuantityError, WrongStateError, WrongStepError
from lots.domain.words import HoldClass, HoldScope
from lots.models import Hold, Lot
from lots.services import (
    assign_hold,
    hold_lot,
    merge_lots,
    move_lot,
    release_hold,
    send_ahead,
    split_lot,
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
    wafer_lot,
)
from supplychain.base.errors import ForbiddenError, StaleError

pytestmark = pytest.mark.usefixtures("catalogue")


def held(lot: Lot, scope: HoldScope, **rest: object) -> Hold:
    order = HoldOrder(HoldClass.QUALITY, "bin spike", scope=scope, **rest)  # type: ignore[arg-type]
    return Hold.objects.get(placed_by=hold_lot(lot=lot, order=order, command=command()))


def split(lot: Lot, **selection: tuple[object, ...]) -> Lot:
    chosen = Selection(**selection)  # type: ignore[arg-type]
    split_lot(lot=lot, child_code="C", selection=chosen, command=command())
    return Lot.objects.get(code="C")


def test_hold_on_wafers_stops_the_lot_until_they_are_split_off() -> None:
    lot = wafer_lot(step="WAT")
    placed = held(lot, HoldScope.WAFER, wafers=(2,))
    with pytest.raises(HeldError, match="move must wait"):
        move_lot(lot=lot, to_step=step("A", "RCV"), command=command())
    child = split(lot, wafers=(2,))
    placed.refresh_from_db()
    assert placed.lot == child
    move_lot(lot=lot, to_step=step("A", "RCV"), command=command())
    with pytest.raises(HeldError):
        track_in(lot=child, command=command())


def test_the_free_part_can_be_split_off_too() -> None:
    lot = wafer_lot()
    placed = held(lot, HoldScope.WAFER, wafers=(2,))
    track_in(lot=split(lot, wafers=(1, 3)), command=command())
    placed.refresh_from_db()
    assert placed.lot == lot


def test_hold_is_not_torn() -> None:
    lot = chip_lot()
    held(lot, HoldScope.UNIT, serials=("M1-C0", "M1-C1"))
    with pytest.raises(HeldError, match="1 of 2 held things of lot M1"):
        split(lot, serials=("M1-C0", "M1-C2"))
    child = split(lot, serials=("M1-C0", "M1-C1", "M1-C2"))
    assert [one.reason for one in child.holds.all()] == ["bin spike"]


def test_hold_on_a_wafer_holds_its_dies() -> None:
    lot = die_lot(wafers=3, dies=2)
    held(lot, HoldScope.WAFER, wafers=(1,))
    first, second = good_units(lot)[:2], good_units(lot)[2:4]
    with pytest.raises(HeldError, match="W1-01:0:0, W1-01:1:0 are on hold"):
        built(chip_order("P1", first))
    built(chip_order("P2", second))
    child = split(lot, serials=tuple(unit.serial for unit in first))
    assert child.holds.count() == 1


def test_hold_on_a_bin_names_its_units() -> None:
    lot = die_lot(wafers=1, dies=4)
    units = good_units(lot)
    placed = held(lot, HoldScope.BIN, serials=(units[0].serial,), bin_number=7)
    assert (placed.bin_number, placed.items.get().unit) == (7, units[0])
    built(chip_order("P1", units[2:]))


def test_hold_on_the_whole_lot_stops_split_and_assembly() -> None:
    lot = die_lot(wafers=1, dies=4)
    hold(lot)
    with pytest.raises(HeldError, match="split must wait"):
        split(lot, serials=(good_units(lot)[0].serial,))
    with pytest.raises(HeldError, match="assemble must wait"):
        built(chip_order("P1", good_units(lot)))


def test_hold_on_part_of_a_lot_stops_a_merge() -> None:
    lot, other = chip_lot("M1"), chip_lot("M2")
    held(other, HoldScope.UNIT, serials=("M2-C0",))
    with pytest.raises(HeldError, match="merge must wait"):
        merge_lots(into=lot, lots=[other], command=command())


@pytest.mark.parametrize(
    "rest",
    [
        {"scope": HoldScope.WAFER, "wafers": (9,)},
        {"scope": HoldScope.UNIT, "serials": ("GHOST",)},
    ],
)
def test_what_the_lot_does_not_have_is_not_held(rest: dict[str, object]) -> None:
    order = HoldOrder(HoldClass.QUALITY, "look", **rest)  # type: ignore[arg-type]
    with pytest.raises(QuantityError, match=r"has no (wafers 9|units GHOST)"):
        hold_lot(lot=wafer_lot(), order=order, command=command())


def by(user: User | None) -> Command:
    return command(actor_id=user.pk if user else None)


def test_only_the_releasing_role_releases() -> None:
    role = Group.objects.create(name="Review board")
    member, stranger = User.objects.create_user("ann"), User.objects.create_user("bob")
    member.groups.add(role)
    placed = held(counted_lot(), HoldScope.LOT, releasing_role_id=role.pk)
    for user in [stranger, None]:
        with pytest.raises(ForbiddenError, match="Only Review board may release"):
            release_hold(hold=placed, disposition="use as is", command=by(user))
    release_hold(hold=placed, disposition="use as is", command=by(member))


def test_hold_that_went_on_is_read_again_before_its_release() -> None:
    lot = wafer_lot()
    placed = held(lot, HoldScope.WAFER, wafers=(2,))
    split(lot, wafers=(2,))
    with pytest.raises(StaleError, match="another lot meanwhile"):
        release_hold(hold=placed, disposition="scrap", command=command())
    placed = Hold.objects.get(pk=placed.pk)
    release_hold(hold=placed, disposition="scrap", command=command())


def test_open_hold_changes_its_owner() -> None:
    placed, owner = hold(counted_lot()), User.objects.create_user("ann")
    assert assign_hold(hold=placed, owner=owner).owner == owner
    release_hold(hold=placed, disposition="use as is", command=command())
    with pytest.raises(WrongStateError, match="released before"):
        assign_hold(hold=placed, owner=None)


def test_pilot_goes_ahead_and_the_rest_waits() -> None:
    lot = wafer_lot(step="WAT")
    send = {"lot": lot, "child_code": "PILOT", "selection": Selection(wafers=(1,))}
    order = command("k1")
    event = send_ahead(**send, until_step_code="CP1", command=order)  # type: ignore[arg-type]
    pilot = Lot.objects.get(code="PILOT")
    move_lot(lot=pilot, to_step=step("A", "RCV"), command=command())
    assert (pilot.is_pilot, again(lot).is_pilot) == (True, False)
    assert lot.holds.get().reason == "Pilot PILOT is ahead until CP1"
    again_sent = send_ahead(**send, until_step_code="CP1", command=order)  # type: ignore[arg-type]
    assert (again_sent.pk, lot.holds.count()) == (event.pk, 1)


def test_pilot_goes_ahead_of_something() -> None:
    lot = wafer_lot(step="WAT")
    with pytest.raises(WrongStepError, match="FAB does not lie ahead"):
        send_ahead(
            lot=lot,
            child_code="PILOT",
            selection=Selection(wafers=(1,)),
            until_step_code="FAB",
            command=command(),
        )
    assert not Lot.objects.filter(code="PILOT").exists()
