"""The bodies of POST lots/{code}/events, one a verb, and the service each goes to."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from lots.domain.commands import Command, HoldOrder, Selection
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

QUANTITY_MAX = 2**31 - 1
WAFERS_MAX = 99
SERIALS_MAX = 10_000
LOTS_MAX = 100


class OrderSerializer(serializers.Serializer[dict[str, Any]]):
    """What every verb takes."""

    verb = serializers.CharField()
    occurred_at = serializers.DateTimeField(help_text="When it happened, with a time zone.")
    reason = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)
    comment = serializers.CharField(max_length=10_000, required=False, default="", allow_blank=True)

    right: ClassVar[str]

    def carry_out(self, lot: Lot, command: Command) -> Event:
        raise AssertionError("every verb has its own")


def step_of(lot: Lot, code: str) -> Step:
    """The step of this code on the lot's route."""
    step = Step.objects.filter(route_version=lot.route_version_id, code=code).first()
    if step is None:
        raise MissingError(f"There is no step {code} on {lot.route_version}.", step=code)
    return step


class MoveOrderSerializer(OrderSerializer):
    right = "lots.move_lot"
    to_step = serializers.CharField(max_length=32)
    reported_quantity = serializers.IntegerField(
        min_value=0, max_value=QUANTITY_MAX, required=False, default=None, allow_null=True
    )

    def carry_out(self, lot: Lot, command: Command) -> Event:
        asked = self.validated_data
        return move_lot(
            lot=lot,
            to_step=step_of(lot, asked["to_step"]),
            command=command,
            reported_quantity=asked["reported_quantity"],
        )


class ArrivalOrderSerializer(OrderSerializer):
    right = "lots.receive_lot"
    to_step = serializers.CharField(max_length=32)
    custodian = serializers.CharField(max_length=32)
    counted_quantity = serializers.IntegerField(min_value=0, max_value=QUANTITY_MAX)

    def carry_out(self, lot: Lot, command: Command) -> Event:
        asked = self.validated_data
        return receive_shipment(
            lot=lot,
            custodian=supplier_by_code(asked["custodian"]),
            to_step=step_of(lot, asked["to_step"]),
            counted_quantity=asked["counted_quantity"],
            command=command,
        )


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

    def selection(self) -> Selection:
        asked = self.validated_data
        return Selection(asked["quantity"], tuple(asked["wafers"]), tuple(asked["serials"]))


class SplitOrderSerializer(SelectionOrderSerializer):
    right = "lots.split_lot"
    child = serializers.CharField(max_length=64, help_text="Code of the new lot.")

    def carry_out(self, lot: Lot, command: Command) -> Event:
        child = self.validated_data["child"]
        return split_lot(lot=lot, child_code=child, selection=self.selection(), command=command)


class ScrapOrderSerializer(SelectionOrderSerializer):
    right = "lots.scrap_lot"

    def carry_out(self, lot: Lot, command: Command) -> Event:
        return scrap_units(lot=lot, selection=self.selection(), command=command)


class MergeOrderSerializer(OrderSerializer):
    right = "lots.merge_lot"
    lots = serializers.ListField(
        child=serializers.CharField(max_length=64), min_length=1, max_length=LOTS_MAX
    )

    def carry_out(self, lot: Lot, command: Command) -> Event:
        codes = self.validated_data["lots"]
        found = {other.code: other for other in Lot.objects.filter(code__in=codes)}
        missing = sorted(set(codes) - found.keys())
        if missing:
            raise MissingError(f"There is no lot {', '.join(missing)}.", lots=missing)
        return merge_lots(into=lot, lots=[found[code] for code in codes], command=command)


class HoldOrderSerializer(OrderSerializer):
    right = "lots.hold_lot"
    hold_class = serializers.ChoiceField(choices=choices(HoldClass))
    hold_reason = serializers.CharField(max_length=200)
    due_on = serializers.DateField(required=False, default=None, allow_null=True)

    def carry_out(self, lot: Lot, command: Command) -> Event:
        asked = self.validated_data
        order = HoldOrder(
            HoldClass(asked["hold_class"]),
            asked["hold_reason"],
            owner_id=command.actor_id,
            due_on=asked["due_on"],
        )
        return hold_lot(lot=lot, order=order, command=command)


class ReleaseOrderSerializer(OrderSerializer):
    right = "lots.release_lot"
    hold = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    disposition = serializers.CharField(max_length=200)

    def carry_out(self, lot: Lot, command: Command) -> Event:
        asked = self.validated_data
        hold = Hold.objects.select_related("lot").filter(lot=lot, pk=asked["hold"]).first()
        if hold is None:
            raise MissingError(f"Lot {lot.code} has no hold {asked['hold']}.", hold=asked["hold"])
        return release_hold(hold=hold, disposition=asked["disposition"], command=command)


class ShipOrderSerializer(OrderSerializer):
    right = "lots.ship_lot"
    to = serializers.CharField(max_length=32, help_text="Supplier code.")
    customer = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)

    def carry_out(self, lot: Lot, command: Command) -> Event:
        asked = self.validated_data
        return ship_lot(
            lot=lot,
            to=supplier_by_code(asked["to"]),
            customer=asked["customer"],
            command=command,
        )


ORDERS: dict[str, type[OrderSerializer]] = {
    Verb.RECEIVE: ArrivalOrderSerializer,
    Verb.MOVE: MoveOrderSerializer,
    Verb.SPLIT: SplitOrderSerializer,
    Verb.MERGE: MergeOrderSerializer,
    Verb.HOLD: HoldOrderSerializer,
    Verb.RELEASE: ReleaseOrderSerializer,
    Verb.SCRAP: ScrapOrderSerializer,
    Verb.SHIP: ShipOrderSerializer,
}
