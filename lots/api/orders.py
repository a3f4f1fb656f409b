"""Every verb by its word: the right it asks for, the shape of its body, and its service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import Group, User

from lots.api import lot_shapes, shapes
from lots.api.building import add_builds, dice
from lots.api.typed import typed
from lots.domain.bins import named_bins
from lots.domain.commands import Command, HoldOrder, Selection
from lots.domain.orders import AmendOrder, Loss, Reissue, ReissueOrder, TrackOutOrder
from lots.domain.words import (
    BinKind,
    HoldClass,
    HoldScope,
    LineKind,
    LotPurpose,
    Title,
    Verb,
)
from lots.models import Event, Hold, Lot, RouteVersion, Step, Unit
from lots.services import (
    amend_lot,
    bank_lot,
    bin_down,
    correct_event,
    hold_lot,
    merge_lots,
    move_lot,
    receive_shipment,
    record_bonus,
    record_loss,
    reissue_material,
    release_hold,
    reroute_lot,
    rework_in,
    rework_out,
    scrap_units,
    send_ahead,
    ship_lot,
    split_lot,
    swap_part,
    track_in,
    track_out,
    unbank_lot,
)
from lots.services.lookups import supplier_by_code
from supplychain.base.errors import MissingError

Asked = dict[str, Any]
SEND_AHEAD = "send-ahead"
"""Not a verb of the ledger: a split and a hold, together or not at all."""


def step_of(lot: Lot, code: str) -> Step:
    """The step of this code on the lot's route."""
    step = (
        Step.objects.select_related("route_version__route")
        .filter(route_version=lot.route_version_id, code=code)
        .first()
    )
    if step is None:
        raise MissingError(f"There is no step {code} on {lot.route_version}.", step=code)
    return step


def _move(lot: Lot, asked: Asked, command: Command) -> Event:
    return move_lot(
        lot=lot,
        to_step=step_of(lot, asked["to_step"]),
        command=command,
        reported_quantity=asked["reported_quantity"],
    )


def _arrive(lot: Lot, asked: Asked, command: Command) -> Event:
    return receive_shipment(
        lot=lot,
        custodian=supplier_by_code(asked["custodian"]),
        to_step=step_of(lot, asked["to_step"]),
        counted_quantity=asked["counted_quantity"],
        command=command,
    )


def _track_in(lot: Lot, asked: Asked, command: Command) -> Event:
    return track_in(lot=lot, command=command, equipment=asked["equipment"])


def _track_out(lot: Lot, asked: Asked, command: Command) -> Event:
    order = TrackOutOrder(
        asked["to_step"],
        tuple(
            Loss(loss["reason"], _selection(loss), LineKind(loss["kind"]))
            for loss in asked["losses"]
        ),
        asked["bonus"],
        asked["bonus_reason"],
    )
    return track_out(lot=lot, order=order, command=command)


def _split(lot: Lot, asked: Asked, command: Command) -> Event:
    child = asked["child"]
    return split_lot(lot=lot, child_code=child, selection=_selection(asked), command=command)


def _send_ahead(lot: Lot, asked: Asked, command: Command) -> Event:
    return send_ahead(
        lot=lot,
        child_code=asked["child"],
        selection=_selection(asked),
        until_step_code=asked["until_step"],
        command=command,
    )


def _bin(lot: Lot, asked: Asked, command: Command) -> Event:
    return bin_down(
        lot=lot,
        child_code=asked["child"],
        product_code=asked["product"],
        selection=_selection(asked),
        command=command,
    )


def _scrap(lot: Lot, asked: Asked, command: Command) -> Event:
    return scrap_units(lot=lot, selection=_selection(asked), command=command)


def _lose(lot: Lot, asked: Asked, command: Command) -> Event:
    return record_loss(lot=lot, selection=_selection(asked), command=command)


def _find(lot: Lot, asked: Asked, command: Command) -> Event:
    return record_bonus(lot=lot, quantity=asked["quantity"], command=command)


def _merge(lot: Lot, asked: Asked, command: Command) -> Event:
    codes = asked["lots"]
    found = {other.code: other for other in Lot.objects.filter(code__in=codes)}
    missing = sorted(set(codes) - found.keys())
    if missing:
        raise MissingError(f"There is no lot {', '.join(missing)}.", lots=missing)
    return merge_lots(into=lot, lots=[found[code] for code in codes], command=command)


def _hold(lot: Lot, asked: Asked, command: Command) -> Event:
    order = HoldOrder(
        HoldClass(asked["hold_class"]),
        asked["hold_reason"],
        owner_id=person_named(asked["owner"]) if "owner" in asked else command.actor_id,
        due_on=asked["due_on"],
        scope=HoldScope(asked["scope"]),
        wafers=tuple(asked["wafers"]),
        serials=tuple(asked["serials"]),
        bin_number=asked["bin_number"],
        releasing_role_id=role_named(asked["releasing_role"]),
    )
    return hold_lot(lot=lot, order=order, command=command)


def person_named(name: str) -> int | None:
    """The id of a person who could decide; None for "". MissingError for nobody."""
    if not name:
        return None
    people = User.objects.filter(username=name, is_active=True)
    found = people.values_list("id", flat=True).first()
    if found is None:
        raise MissingError(f"There is nobody called {name} who could decide.", owner=name)
    return found


def role_named(name: str) -> int | None:
    """The id of a role; None for "". MissingError for none of that name."""
    if not name:
        return None
    found = Group.objects.filter(name=name).values_list("id", flat=True).first()
    if found is None:
        raise MissingError(f"There is no role {name}.", releasing_role=name)
    return found


def _release(lot: Lot, asked: Asked, command: Command) -> Event:
    hold = Hold.objects.select_related("lot").filter(lot=lot, pk=asked["hold"]).first()
    if hold is None:
        raise MissingError(f"Lot {lot.code} has no hold {asked['hold']}.", hold=asked["hold"])
    return release_hold(hold=hold, disposition=asked["disposition"], command=command)


def _ship(lot: Lot, asked: Asked, command: Command) -> Event:
    return ship_lot(
        lot=lot,
        to=supplier_by_code(asked["to"]),
        customer=asked["customer"],
        command=command,
        title=Title(asked["title"]) if asked["title"] else None,
    )


def _rework_out(lot: Lot, asked: Asked, command: Command) -> Event:
    return rework_out(
        lot=lot,
        route_code=asked["route"],
        step_code=asked["step"],
        return_step_code=asked["return_step"],
        command=command,
    )


def _rework_in(lot: Lot, asked: Asked, command: Command) -> Event:
    return rework_in(lot=lot, command=command, to_step_code=asked["to_step"])


def _bank(lot: Lot, asked: Asked, command: Command) -> Event:
    return bank_lot(lot=lot, command=command)


def _unbank(lot: Lot, asked: Asked, command: Command) -> Event:
    return unbank_lot(lot=lot, command=command)


def _amend(lot: Lot, asked: Asked, command: Command) -> Event:
    purpose = asked.get("purpose")
    order = AmendOrder(
        is_hot=asked.get("is_hot"),
        due_on=(asked["due_on"] or "") if "due_on" in asked else None,
        customer=asked.get("customer"),
        purpose=LotPurpose(purpose) if purpose else None,
    )
    return amend_lot(lot=lot, order=order, command=command)


def _reroute(lot: Lot, asked: Asked, command: Command) -> Event:
    route, number = asked["route"], asked["version"]
    version = RouteVersion.objects.select_related("route").filter(route__code=route, version=number)
    found = version.first()
    if found is None:
        raise MissingError(f"There is no route {route} v{number}.", route=route, version=number)
    return reroute_lot(lot=lot, to_version=found, to_step_code=asked["to_step"], command=command)


def _swap(lot: Lot, asked: Asked, command: Command) -> Event:
    parent = Unit.objects.filter(lot=lot, serial=asked["parent"]).first()
    if parent is None:
        raise MissingError(f"Lot {lot.code} has no unit {asked['parent']}.", parent=asked["parent"])
    return swap_part(
        parent=parent,
        position=asked["position"],
        new_serial=asked["new_serial"],
        command=command,
        returned_lot_code=asked["returned_lot"],
    )


def _reissue(lot: Lot, asked: Asked, command: Command) -> Event:
    order = ReissueOrder(
        tuple(Reissue(**change) for change in asked["changes"]), asked["is_exchange"]
    )
    return reissue_material(event=_event(lot, asked["assembly"]), order=order, command=command)


def _correct(lot: Lot, asked: Asked, command: Command) -> Event:
    return correct_event(event=_event(lot, asked["seq"]), command=command)


def _event(lot: Lot, seq: int) -> Event:
    event = Event.objects.select_related("lot").filter(lot=lot, seq=seq).first()
    if event is None:
        raise MissingError(f"Lot {lot.code} has no event {seq}.", seq=seq)
    return event


def _selection(asked: Asked) -> Selection:
    return Selection(
        asked["quantity"],
        tuple(asked["wafers"]),
        tuple(asked["serials"]),
        named_bins(asked.get("bins", ""), BinKind(asked.get("bin_kind", BinKind.HARD))),
    )


@dataclass(frozen=True, slots=True)
class Order:
    """One verb: the right it asks for, the shape of its body, and the service it goes to."""

    right: str
    serializer: type[shapes.OrderSerializer]
    carry_out: Callable[[Lot, Asked, Command], Event]


_ORDERS: dict[str, Order] = {
    Verb.RECEIVE: Order("lots.receive_lot", shapes.ArrivalOrderSerializer, _arrive),
    Verb.MOVE: Order("lots.move_lot", shapes.MoveOrderSerializer, _move),
    Verb.TRACK_IN: Order("lots.track_lot", shapes.TrackInOrderSerializer, _track_in),
    Verb.TRACK_OUT: Order("lots.track_lot", shapes.TrackOutOrderSerializer, _track_out),
    Verb.SPLIT: Order("lots.split_lot", shapes.SplitOrderSerializer, _split),
    SEND_AHEAD: Order("lots.split_lot", shapes.SendAheadOrderSerializer, _send_ahead),
    Verb.MERGE: Order("lots.merge_lot", shapes.MergeOrderSerializer, _merge),
    Verb.HOLD: Order("lots.hold_lot", shapes.HoldOrderSerializer, _hold),
    Verb.RELEASE: Order("lots.release_lot", shapes.ReleaseOrderSerializer, _release),
    Verb.SCRAP: Order("lots.scrap_lot", shapes.ScrapOrderSerializer, _scrap),
    Verb.LOSS: Order("lots.adjust_lot", shapes.LossOrderSerializer, _lose),
    Verb.BONUS: Order("lots.adjust_lot", shapes.BonusOrderSerializer, _find),
    Verb.DICE: Order("lots.dice_lot", lot_shapes.DiceOrderSerializer, dice),
    Verb.ASSEMBLE: Order("lots.assemble_lot", lot_shapes.BuildOrderSerializer, add_builds),
    Verb.SWAP: Order("lots.swap_unit", shapes.SwapOrderSerializer, _swap),
    Verb.REISSUE: Order("lots.correct_event", lot_shapes.ReissueOrderSerializer, _reissue),
    Verb.BIN: Order("lots.bin_lot", shapes.BinOrderSerializer, _bin),
    Verb.REWORK_OUT: Order("lots.rework_lot", shapes.ReworkOutOrderSerializer, _rework_out),
    Verb.REWORK_IN: Order("lots.rework_lot", shapes.ReworkInOrderSerializer, _rework_in),
    Verb.BANK: Order("lots.bank_lot", shapes.ParkOrderSerializer, _bank),
    Verb.UNBANK: Order("lots.bank_lot", shapes.ParkOrderSerializer, _unbank),
    Verb.AMEND: Order("lots.amend_lot", shapes.AmendOrderSerializer, _amend),
    Verb.REROUTE: Order("lots.reroute_lot", shapes.RerouteOrderSerializer, _reroute),
    Verb.SHIP: Order("lots.ship_lot", shapes.ShipOrderSerializer, _ship),
    Verb.CORRECT: Order("lots.correct_event", shapes.CorrectOrderSerializer, _correct),
}
ORDERS: dict[str, Order] = {
    verb: replace(order, serializer=typed(verb, order.serializer))
    for verb, order in _ORDERS.items()
}
"""Each with a body of its own in the description."""
