"""The bodies of orders, one a verb: what is asked, before any rule looks at it.

The description of the API is made of them: what a field is, its unit, and an example of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from lots.domain.bins import BIN_MAX
from lots.domain.commands import QUANTITY_MAX
from lots.domain.orders import LOSSES_MAX
from lots.domain.words import BinKind, HoldClass, HoldScope, LineKind, LotPurpose, Title
from supplychain.base.choices import choices

WAFERS_MAX = 99
SERIALS_MAX = 10_000
BINS_CHARACTERS_MAX = 200
LOTS_MAX = 100
ID_MAX = 2**63 - 1


IN_ITS_UNIT = "A count in the lot's unit of measure: wafers, dies, packages and so on."


def count(least: int = 0, **rest: Any) -> serializers.IntegerField:
    """A count in the lot's unit of measure."""
    return serializers.IntegerField(
        **{"min_value": least, "max_value": QUANTITY_MAX, "help_text": IN_ITS_UNIT, **rest}
    )


def code(limit: int, said: str) -> serializers.CharField:
    """A code or serial that has to be given. said: of what."""
    return serializers.CharField(max_length=limit, help_text=said)


def reason() -> serializers.CharField:
    """A reason that has to be given."""
    return serializers.CharField(max_length=64, help_text="Why; for the ledger.")


def listed_reason(verb: str) -> serializers.CharField:
    """A reason that has to be one of those listed."""
    return serializers.CharField(max_length=64, help_text=f"A reason code listed for {verb}.")


def text(limit: int, **rest: Any) -> serializers.CharField:
    """Text that may be left out."""
    return serializers.CharField(
        max_length=limit, required=False, default="", allow_blank=True, **rest
    )


def optional_count(least: int = 0) -> serializers.IntegerField:
    """A count that may be left out."""
    return serializers.IntegerField(
        min_value=least,
        max_value=QUANTITY_MAX,
        required=False,
        default=None,
        allow_null=True,
        help_text=IN_ITS_UNIT,
    )


def wafer_list() -> serializers.ListField:
    """Numbers of wafers; none where left out."""
    number = serializers.IntegerField(min_value=1, max_value=WAFERS_MAX)
    return serializers.ListField(
        child=number,
        required=False,
        default=list,
        max_length=WAFERS_MAX,
        help_text="Numbers of wafers within the lot.",
    )


def serial_list() -> serializers.ListField:
    """Serial numbers; none where left out."""
    serial = serializers.CharField(max_length=80)
    return serializers.ListField(
        child=serial,
        required=False,
        default=list,
        max_length=SERIALS_MAX,
        help_text="Serial numbers of units of the lot.",
    )


def several(
    child: serializers.Serializer[Any], most: int, said: str, least: int = 0
) -> serializers.ListSerializer[Any]:
    """A list of such bodies; with no least number it may be left out. said: what they are."""
    bounds: dict[str, Any] = (
        {"min_length": least} if least else {"required": False, "default": list}
    )
    return serializers.ListSerializer(child=child, max_length=most, help_text=said, **bounds)


class OrderSerializer(serializers.Serializer[dict[str, Any]]):
    """What every verb takes. example: the rest of a body that could be sent."""

    example: ClassVar[Mapping[str, Any]] = {}

    verb = serializers.CharField()
    occurred_at = serializers.DateTimeField(help_text="When it happened, with a time zone.")
    reason = text(64, help_text="Why; may be empty.")
    comment = text(10_000, help_text="Free text for the ledger.")


class ParkOrderSerializer(OrderSerializer):
    """Nothing but the verb."""


class MoveOrderSerializer(OrderSerializer):
    """The lot goes to another step of its route."""

    example = {"to_step": "CP1", "reported_quantity": 25}

    to_step = code(32, "Code of a step of the lot's route.")
    reported_quantity = optional_count()


class ArrivalOrderSerializer(OrderSerializer):
    """A shipped lot arrives; what was counted stands beside our own balance."""

    example = {"to_step": "RCV", "custodian": "OSAT1", "counted_quantity": 25}

    to_step = code(32, "Code of a step of the lot's route.")
    custodian = code(32, "Supplier code of who has it now.")
    counted_quantity = count()


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
    """Part of the lot goes on as a lot of its own: one of quantity, wafers, serials and bins."""

    example = {"child": "W1.1", "wafers": [1, 2, 3]}

    child = serializers.CharField(max_length=64, help_text="Code of the new lot.")


class SendAheadOrderSerializer(SplitOrderSerializer):
    """A pilot goes ahead, and the rest is held until it has passed a step."""

    example = {"child": "W1.P", "wafers": [1], "until_step": "CP1"}

    until_step = serializers.CharField(
        max_length=32, help_text="The rest is held until the pilot has passed it."
    )


class BinOrderSerializer(SplitOrderSerializer):
    """Part of the lot, or all of it, goes on as a lot of a lesser product."""

    example = {"child": "M1.LITE", "product": "TRN2-LITE", "serials": ["M1-C0"], "reason": "speed"}

    product = serializers.CharField(max_length=64, help_text="The lesser product.")
    reason = listed_reason("bin-down")


class ScrapOrderSerializer(SelectionOrderSerializer):
    """What is given up: one of quantity, wafers, serials and bins."""

    example = {"serials": ["M1-C0"], "reason": "handling"}

    reason = listed_reason("scrap")


class LossOrderSerializer(SelectionOrderSerializer):
    """What is missing or bad: one of quantity, wafers, serials and bins."""

    example = {"quantity": 2, "reason": "missing"}

    reason = listed_reason("loss")


class BonusOrderSerializer(OrderSerializer):
    """Units found extra at a count."""

    example = {"quantity": 1, "reason": "found"}

    quantity = count(1)
    reason = listed_reason("bonus")


class TrackInOrderSerializer(OrderSerializer):
    """Work on the lot begins where it stands."""

    example = {"equipment": "T-01"}

    equipment = text(64, help_text="Tester, oven or other place of work.")


class LossSerializer(SelectionSerializer):
    """What did not come out good."""

    kind = serializers.ChoiceField(
        choices=[LineKind.SCRAP.value, LineKind.LOSS.value],
        required=False,
        default=LineKind.SCRAP,
        help_text="Given up for good, or found missing or bad.",
    )
    reason = listed_reason("loss, where the kind is loss")


class TrackOutOrderSerializer(OrderSerializer):
    """Work is done; the good rest goes on to the next step at once."""

    example = {"losses": [{"quantity": 2, "kind": "scrap", "reason": "handling"}]}

    to_step = text(32, help_text="Empty: the next step of the route.")
    losses = several(LossSerializer(), LOSSES_MAX, "What did not come out good.")
    bonus = count(required=False, default=0)
    bonus_reason = text(64, help_text="A reason code listed for bonus; empty without one.")


class MergeOrderSerializer(OrderSerializer):
    """Everything of the other lots goes into this one."""

    example = {"lots": ["W1.1", "W1.2"]}

    lots = serializers.ListField(
        child=serializers.CharField(max_length=64),
        min_length=1,
        max_length=LOTS_MAX,
        help_text="Codes of the lots that end.",
    )


class HoldOrderSerializer(OrderSerializer):
    """Scope wafer names wafers, scope unit serials, scope bin a hard bin.

    With scope bin, serials are left out for every unit of the lot that fell in it last.
    """

    example = {"hold_class": "quality", "hold_reason": "Bin 7 above its limit", "scope": "lot"}

    hold_class = serializers.ChoiceField(choices=choices(HoldClass), help_text="Who decides.")
    hold_reason = code(200, "Why it is stopped.")
    due_on = serializers.DateField(
        required=False, default=None, allow_null=True, help_text="Day of the decision."
    )
    scope = serializers.ChoiceField(
        choices=choices(HoldScope),
        required=False,
        default=HoldScope.LOT,
        help_text="What of the lot is stopped.",
    )
    wafers = wafer_list()
    serials = serial_list()
    bin_number = serializers.IntegerField(
        min_value=0,
        max_value=BIN_MAX,
        required=False,
        default=None,
        allow_null=True,
        help_text="Number of a hard bin, with scope bin.",
    )
    owner = serializers.CharField(
        max_length=150,
        required=False,
        allow_blank=True,
        help_text="User name of who decides; left out: the caller, empty: nobody.",
    )
    releasing_role = text(150, help_text="Only its members may release; empty: whoever may.")


class ReleaseOrderSerializer(OrderSerializer):
    """A hold of the lot ends."""

    example = {"hold": 12, "disposition": "Use as is"}

    hold = serializers.IntegerField(
        min_value=1, max_value=ID_MAX, help_text="Number of the hold, as the lot lists it."
    )
    disposition = code(200, "What was decided.")


class ShipOrderSerializer(OrderSerializer):
    """The lot is sent to somebody."""

    example = {"to": "ODM1"}

    to = code(32, "Supplier code.")
    customer = text(120, help_text="For whom; empty: as it says already.")
    title = serializers.ChoiceField(
        choices(Title), required=False, default="", allow_blank=True,
        help_text="When what is its supplier's becomes ours; empty: as agreed with that supplier.",
    )  # fmt: skip


class ReworkOutOrderSerializer(OrderSerializer):
    """The lot leaves its route to be worked on again."""

    example = {"route": "POLISH", "step": "STRIP", "return_step": "SFT", "reason": "contact"}

    route = code(32, "Code of a rework route.")
    step = code(32, "Code of a step of that route.")
    return_step = code(32, "Code of a step of the lot's own route.")
    reason = listed_reason("rework-out")


class ReworkInOrderSerializer(OrderSerializer):
    """The lot comes back to its own route."""

    to_step = text(32, help_text="Empty: the step named when it left.")


class AmendOrderSerializer(OrderSerializer):
    """What is left out stays; due_on null takes the day away. A new purpose needs a reason."""

    example = {"is_hot": True, "due_on": "2026-04-30"}

    is_hot = serializers.BooleanField(
        required=False, allow_null=True, help_text="Whether it goes first."
    )
    due_on = serializers.DateField(required=False, allow_null=True, help_text="Day it is due.")
    customer = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="For whom."
    )
    purpose = serializers.ChoiceField(
        choices=choices(LotPurpose), required=False, help_text="Why it was started."
    )


class RerouteOrderSerializer(OrderSerializer):
    """The lot goes on along another version of a route."""

    example = {"route": "A", "version": 2, "to_step": "CP1", "reason": "New sort program"}

    route = code(32, "Code of a route.")
    version = serializers.IntegerField(
        min_value=1, max_value=32_767, help_text="Number of its version."
    )
    to_step = code(32, "Code of a step of that version.")
    reason = reason()


class SwapOrderSerializer(OrderSerializer):
    """A part of a unit of this lot is taken out, and another put in its place."""

    example = {
        "parent": "SLED-1",
        "position": "SLOT1",
        "new_serial": "M1-C0",
        "returned_lot": "RMA1",
    }

    parent = serializers.CharField(  # type: ignore[assignment]  # a field, as the trade says it
        max_length=80, help_text="Serial of the unit of this lot."
    )
    position = code(32, "Place inside the unit.")
    new_serial = code(80, "Serial of the part to put in.")
    returned_lot = serializers.CharField(
        max_length=64, help_text="Where the removed part goes; a new lot or one of its kind."
    )


class CorrectOrderSerializer(OrderSerializer):
    """An event is undone by a new one that names it."""

    example = {"seq": 4711, "reason": "Wrong lot"}

    reason = reason()
    seq = serializers.IntegerField(
        min_value=1, max_value=ID_MAX, help_text="The event to undo, by its number."
    )
