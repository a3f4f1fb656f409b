"""The bodies of orders, one a verb: what is asked, before any rule looks at it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lots.domain.bins import BIN_MAX
from lots.domain.commands import COORDINATE_MAX, MATERIALS_MAX, QUANTITY_MAX
from lots.domain.orders import LOSSES_MAX
from lots.domain.words import (
    BinKind,
    HoldClass,
    HoldScope,
    LineKind,
    LotKind,
    LotPurpose,
    Trust,
    UnitOfMeasure,
)
from supplychain.base.choices import choices

WAFERS_MAX = 99
SERIALS_MAX = 10_000
BINS_CHARACTERS_MAX = 200
LOTS_MAX = 100
DIES_MAX = 50_000
BUILDS_MAX = 10_000
PARTS_MAX = 500
ID_MAX = 2**63 - 1


def text(limit: int, **rest: Any) -> serializers.CharField:
    """Text that may be left out."""
    return serializers.CharField(
        max_length=limit, required=False, default="", allow_blank=True, **rest
    )


def optional_count(least: int = 0) -> serializers.IntegerField:
    """A count that may be left out."""
    return serializers.IntegerField(
        min_value=least, max_value=QUANTITY_MAX, required=False, default=None, allow_null=True
    )


def wafer_list() -> serializers.ListField:
    """Numbers of wafers; none where left out."""
    number = serializers.IntegerField(min_value=1, max_value=WAFERS_MAX)
    return serializers.ListField(child=number, required=False, default=list, max_length=WAFERS_MAX)


def serial_list() -> serializers.ListField:
    """Serial numbers; none where left out."""
    serial = serializers.CharField(max_length=80)
    return serializers.ListField(child=serial, required=False, default=list, max_length=SERIALS_MAX)


def several(
    child: serializers.Serializer[Any], most: int, least: int = 0
) -> serializers.ListSerializer[Any]:
    """A list of such bodies; with no least number it may be left out."""
    if least:
        return serializers.ListSerializer(child=child, min_length=least, max_length=most)
    return serializers.ListSerializer(child=child, max_length=most, required=False, default=list)


class OrderSerializer(serializers.Serializer[dict[str, Any]]):
    """What every verb takes."""

    verb = serializers.CharField()
    occurred_at = serializers.DateTimeField(help_text="When it happened, with a time zone.")
    reason = text(64)
    comment = text(10_000)


class ParkOrderSerializer(OrderSerializer):
    """Nothing but the verb."""


class MoveOrderSerializer(OrderSerializer):
    to_step = serializers.CharField(max_length=32)
    reported_quantity = optional_count()


class ArrivalOrderSerializer(OrderSerializer):
    to_step = serializers.CharField(max_length=32)
    custodian = serializers.CharField(max_length=32)
    counted_quantity = serializers.IntegerField(min_value=0, max_value=QUANTITY_MAX)


class SelectionSerializer(serializers.Serializer[dict[str, Any]]):
    """Exactly one of quantity, wafers, serials and bins.

    bins are left out of an order that does not name them: its key answers as it did before.
    """

    quantity = optional_count(1)
    wafers = wafer_list()
    serials = serial_list()
    bins = serializers.CharField(
        max_length=BINS_CHARACTERS_MAX,
        required=False,
        allow_blank=True,
        help_text='Units by their bin where the lot was tested last, such as "3, 5-7".',
    )
    bin_kind = serializers.ChoiceField(
        choices=choices(BinKind), required=False, help_text="Whose bins; hard where left out."
    )


class SelectionOrderSerializer(SelectionSerializer, OrderSerializer):
    """Exactly one of quantity, wafers, serials and bins."""


class SplitOrderSerializer(SelectionOrderSerializer):
    child = serializers.CharField(max_length=64, help_text="Code of the new lot.")


class SendAheadOrderSerializer(SplitOrderSerializer):
    until_step = serializers.CharField(
        max_length=32, help_text="The rest is held until the pilot has passed it."
    )


class BinOrderSerializer(SplitOrderSerializer):
    product = serializers.CharField(max_length=64, help_text="The lesser product.")


class ScrapOrderSerializer(SelectionOrderSerializer):
    """What is given up."""


class LossOrderSerializer(SelectionOrderSerializer):
    """What is missing or bad; reason is one of the reason codes for losses."""


class BonusOrderSerializer(OrderSerializer):
    quantity = serializers.IntegerField(min_value=1, max_value=QUANTITY_MAX)


class TrackInOrderSerializer(OrderSerializer):
    equipment = text(64, help_text="Tester, oven or other place of work.")


class LossSerializer(SelectionSerializer):
    kind = serializers.ChoiceField(
        choices=[LineKind.SCRAP.value, LineKind.LOSS.value], required=False, default=LineKind.SCRAP
    )
    reason = serializers.CharField(max_length=64)


class TrackOutOrderSerializer(OrderSerializer):
    to_step = text(32, help_text="Empty: the next step of the route.")
    losses = several(LossSerializer(), LOSSES_MAX)
    bonus = serializers.IntegerField(min_value=0, max_value=QUANTITY_MAX, required=False, default=0)
    bonus_reason = text(64)


class MergeOrderSerializer(OrderSerializer):
    lots = serializers.ListField(
        child=serializers.CharField(max_length=64), min_length=1, max_length=LOTS_MAX
    )


class HoldOrderSerializer(OrderSerializer):
    """Scope wafer names wafers, scope unit serials, scope bin a hard bin.

    With scope bin, serials are left out for every unit of the lot that fell in it last.
    """

    hold_class = serializers.ChoiceField(choices=choices(HoldClass))
    hold_reason = serializers.CharField(max_length=200)
    due_on = serializers.DateField(required=False, default=None, allow_null=True)
    scope = serializers.ChoiceField(
        choices=choices(HoldScope), required=False, default=HoldScope.LOT
    )
    wafers = wafer_list()
    serials = serial_list()
    bin_number = serializers.IntegerField(
        min_value=0, max_value=BIN_MAX, required=False, default=None, allow_null=True
    )
    owner = serializers.CharField(
        max_length=150,
        required=False,
        allow_blank=True,
        help_text="User name of who decides; left out: the caller, empty: nobody.",
    )
    releasing_role = text(150, help_text="Only its members may release; empty: whoever may.")


class ReleaseOrderSerializer(OrderSerializer):
    hold = serializers.IntegerField(min_value=1, max_value=ID_MAX)
    disposition = serializers.CharField(max_length=200)


class ShipOrderSerializer(OrderSerializer):
    to = serializers.CharField(max_length=32, help_text="Supplier code.")
    customer = text(120)


class ReworkOutOrderSerializer(OrderSerializer):
    route = serializers.CharField(max_length=32, help_text="A rework route.")
    step = serializers.CharField(max_length=32)
    return_step = serializers.CharField(max_length=32, help_text="Of the lot's own route.")


class ReworkInOrderSerializer(OrderSerializer):
    to_step = text(32, help_text="Empty: the step named when it left.")


class AmendOrderSerializer(OrderSerializer):
    """What is left out stays; due_on null takes the day away."""

    is_hot = serializers.BooleanField(required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    customer = serializers.CharField(max_length=120, required=False, allow_blank=True)
    purpose = serializers.ChoiceField(choices=choices(LotPurpose), required=False)


class RerouteOrderSerializer(OrderSerializer):
    route = serializers.CharField(max_length=32)
    version = serializers.IntegerField(min_value=1, max_value=32_767)
    to_step = serializers.CharField(max_length=32)


class SwapOrderSerializer(OrderSerializer):
    """A part of a unit of this lot is taken out, and another put in its place."""

    parent = serializers.CharField(  # type: ignore[assignment]  # a field, as the trade says it
        max_length=80, help_text="Serial of the unit of this lot."
    )
    position = serializers.CharField(max_length=32)
    new_serial = serializers.CharField(max_length=80)
    returned_lot = serializers.CharField(
        max_length=64, help_text="Where the removed part goes; a new lot or one of its kind."
    )


class CorrectOrderSerializer(OrderSerializer):
    seq = serializers.IntegerField(
        min_value=1, max_value=ID_MAX, help_text="The event to undo, by its number."
    )


class DieSerializer(serializers.Serializer[dict[str, Any]]):
    wafer = serializers.IntegerField(min_value=1, max_value=WAFERS_MAX)
    x = serializers.IntegerField(min_value=-COORDINATE_MAX, max_value=COORDINATE_MAX)
    y = serializers.IntegerField(min_value=-COORDINATE_MAX, max_value=COORDINATE_MAX)
    is_good = serializers.BooleanField()


class DiceOrderSerializer(OrderSerializer):
    die_product = serializers.CharField(max_length=64)
    dies = several(DieSerializer(), DIES_MAX, 1)


class PartSerializer(serializers.Serializer[dict[str, Any]]):
    serial = serializers.CharField(max_length=80)
    position = serializers.CharField(max_length=32)


class BuildSerializer(serializers.Serializer[dict[str, Any]]):
    serial = serializers.CharField(max_length=80)
    parts = several(PartSerializer(), PARTS_MAX, 1)


class MaterialSerializer(serializers.Serializer[dict[str, Any]]):
    lot = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=1, max_value=QUANTITY_MAX)


def materials_list() -> serializers.ListSerializer[Any]:
    """May be left out, and is then no part of the order: its key answers as it did before."""
    return serializers.ListSerializer(
        child=MaterialSerializer(), max_length=MATERIALS_MAX, required=False
    )


class BuildOrderSerializer(OrderSerializer):
    """More builds for this lot, of its product, at its step.

    materials: parts that the bill takes without serials, for all builds together.
    """

    builds = several(BuildSerializer(), BUILDS_MAX, 1)
    materials = materials_list()


class ReissueSerializer(serializers.Serializer[dict[str, Any]]):
    """The count goes back to one lot and is taken from another."""

    returned_to = serializers.CharField(max_length=64, help_text="The lot named by mistake.")
    issued_from = serializers.CharField(max_length=64, help_text="The lot that gave the parts.")
    quantity = serializers.IntegerField(min_value=1, max_value=QUANTITY_MAX)


class ReissueOrderSerializer(OrderSerializer):
    """Which lots gave an assembly its parts without serials, instead of those it named."""

    assembly = serializers.IntegerField(
        min_value=1, max_value=ID_MAX, help_text="The assembly, by the number of its event."
    )
    changes = several(ReissueSerializer(), MATERIALS_MAX, 1)
    is_exchange = serializers.BooleanField(
        required=False,
        default=False,
        help_text="The parts named were built in and exchanged since; otherwise they never were.",
    )


class NewLotSerializer(OrderSerializer):
    """What every new lot takes."""

    code = serializers.CharField(max_length=64)
    product = serializers.CharField(max_length=64)
    route = serializers.CharField(max_length=32)
    step = serializers.CharField(max_length=32)
    custodian = serializers.CharField(max_length=32, help_text="Code of who has it.")
    purpose = serializers.ChoiceField(
        choices=choices(LotPurpose), required=False, default=LotPurpose.PRODUCTION
    )


class AssembleLotSerializer(NewLotSerializer):
    builds = several(BuildSerializer(), BUILDS_MAX, 1)
    materials = materials_list()


class DeclarationSerializer(serializers.Serializer[dict[str, Any]]):
    """Where a vendor says that a serial comes from."""

    serial = serializers.CharField(max_length=80)
    lot = text(64)
    wafer = text(64)


class ReceiveLotSerializer(NewLotSerializer):
    kind = serializers.ChoiceField(choices=choices(LotKind))
    unit_of_measure = serializers.ChoiceField(choices=choices(UnitOfMeasure))
    quantity = serializers.IntegerField(min_value=0, max_value=QUANTITY_MAX)
    wafers = wafer_list()
    wafer_codes = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        default=list,
        max_length=WAFERS_MAX,
    )
    serials = serial_list()
    declarations = several(DeclarationSerializer(), SERIALS_MAX)
    trust = serializers.ChoiceField(choices=choices(Trust), required=False, default=Trust.SEEN)
    due_on = serializers.DateField(required=False, default=None, allow_null=True)
    is_hot = serializers.BooleanField(required=False, default=False)
    customer = text(120)
