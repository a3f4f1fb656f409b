"""The bodies of POST lots/{code}/events, one a verb, and the service each goes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from lots.domain.commands import QUANTITY_MAX, Command, HoldOrder, Selection
from lots.domain.words import HoldClass, Verb
from lots.models import Event, Hold, Lot, Step
from lots.services import (
    hold_lot,
    merge_lots,
    move_lot,
    receive_shipment,
    release_hold,
    scrap_units,
    ship_lot,
    split_lot,
)
from lots.services.lookups import supplier_by_code
from supplychain.base.choices import choices
from supplychain.base.errors import MissingError

WAFERS_MAX = 99
SERIALS_MAX = 10_000
LOTS_MAX = 100

Asked = dict[str, Any]


class OrderSerializer(serializers.Serializer[dict[str, Any]]):
    """What every verb takes."""

    verb = serializers.CharField()
    occurred_at = serializers.DateTimeField(help_text="When it happened, with a time zone.")
    reason = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)
    comment = serializers.CharField(max_length=10_000, required=False, default="", allow_blank=True)


def step_of(lot: Lot, code: str) -> Step:
    """The step of this code on the lot's route."""
    step = Step.objects.filter(route_version=lot.route_version_id, code=code).first()
    if step is None:
        raise MissingError(f"There is no step {code} on {lot.route_version}.", step=code)
    return step


class MoveOrderSerializer(OrderSerializer):
    to_step = serializers.CharField(max_length=32)
    reported_quantity = serializers.IntegerField(
        min_value=0, max_value=QUANTITY_MAX, required=False, default=None, allow_null=True
    )


class ArrivalOrderSerializer(OrderSerializer):
    to_step = serializers.CharField(max_length=32)
    custodian = serializers.CharField(max_length=32)
    counted_quantity = serializers.IntegerField(min_value=0, max_value=QUANTITY_MAX)


class SelectionOrderSerializer(OrderSerializer):
    """Exactly one of quantity, wafers and serials."""

    quantity = serializers.IntegerField(
        min_value=1, max_value=QUANTITY_MAX, required=False, default=None, allow_null=True
    )
    wafers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=WAFERS_MAX),
        required=False,
        default=list,
        max_length=WAFERS_MAX,
    )
    serials = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        default=list,
        max_length=SERIALS_MAX,
    )


class SplitOrderSerializer(SelectionOrderSerializer):
    child = serializers.CharField(max_length=64, help_text="Code of the new lot.")


class ScrapOrderSerializer(SelectionOrderSerializer):
    """What is given up."""


class MergeOrderSerializer(OrderSerializer):
    lots = serializers.ListField(
        child=serializers.CharField(max_length=64), min_length=1, max_length=LOTS_MAX
    )


class HoldOrderSerializer(OrderSerializer):
    hold_class = serializers.ChoiceField(choices=choices(HoldClass))
    hold_reason = serializers.CharField(max_length=200)
    due_on = serializers.DateField(required=False, default=None, allow_null=True)


class ReleaseOrderSerializer(OrderSerializer):
    hold = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    disposition = serializers.CharField(max_length=200)


class ShipOrderSerializer(OrderSerializer):
    to = serializers.CharField(max_length=32, help_text="Supplier code.")
    customer = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)


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


def _split(lot: Lot, asked: Asked, command: Command) -> Event:
    child = asked["child"]
    return split_lot(lot=lot, child_code=child, selection=_selection(asked), command=command)


def _scrap(lot: Lot, asked: Asked, command: Command) -> Event:
    return scrap_units(lot=lot, selection=_selection(asked), command=command)


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
        owner_id=command.actor_id,
        due_on=asked["due_on"],
    )
    return hold_lot(lot=lot, order=order, command=command)


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
    )


def _selection(asked: Asked) -> Selection:
    return Selection(asked["quantity"], tuple(asked["wafers"]), tuple(asked["serials"]))


@dataclass(frozen=True, slots=True)
class Order:
    """One verb: the right it asks for, the shape of its body, and the service it goes to."""

    right: str
    serializer: type[OrderSerializer]
    carry_out: Callable[[Lot, Asked, Command], Event]


ORDERS: dict[str, Order] = {
    Verb.RECEIVE: Order("lots.receive_lot", ArrivalOrderSerializer, _arrive),
    Verb.MOVE: Order("lots.move_lot", MoveOrderSerializer, _move),
    Verb.SPLIT: Order("lots.split_lot", SplitOrderSerializer, _split),
    Verb.MERGE: Order("lots.merge_lot", MergeOrderSerializer, _merge),
    Verb.HOLD: Order("lots.hold_lot", HoldOrderSerializer, _hold),
    Verb.RELEASE: Order("lots.release_lot", ReleaseOrderSerializer, _release),
    Verb.SCRAP: Order("lots.scrap_lot", ScrapOrderSerializer, _scrap),
    Verb.SHIP: Order("lots.ship_lot", ShipOrderSerializer, _ship),
}
