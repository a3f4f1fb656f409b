"""The bodies of orders that make lots, or make something else of what is in one."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lots.api.shapes import (
    ID_MAX,
    SERIALS_MAX,
    WAFERS_MAX,
    OrderSerializer,
    code,
    count,
    listed_reason,
    serial_list,
    several,
    text,
    wafer_list,
)
from lots.domain.commands import COORDINATE_MAX, MATERIALS_MAX
from lots.domain.words import LotKind, LotPurpose, Trust, UnitOfMeasure
from supplychain.base.choices import choices

DIES_MAX = 50_000
BUILDS_MAX = 10_000
PARTS_MAX = 500


def die_steps(axis: str) -> serializers.IntegerField:
    """A coordinate on the wafer."""
    return serializers.IntegerField(
        min_value=-COORDINATE_MAX, max_value=COORDINATE_MAX, help_text=f"{axis} in die steps."
    )


class DieSerializer(serializers.Serializer[dict[str, Any]]):
    """A die and where on its wafer it was."""

    wafer = serializers.IntegerField(
        min_value=1, max_value=WAFERS_MAX, help_text="Number of the wafer within the lot."
    )
    x = die_steps("X")
    y = die_steps("Y")
    is_good = serializers.BooleanField(help_text="Whether sort passed it.")


class DiceOrderSerializer(OrderSerializer):
    """Every live wafer of the lot becomes dies."""

    example = {
        "die_product": "TRN3-DIE",
        "dies": [{"wafer": 1, "x": 0, "y": -4, "is_good": True}],
    }

    die_product = code(64, "Product code of the dies.")
    dies = several(DieSerializer(), DIES_MAX, "All dies of all wafers.", 1)


class PartSerializer(serializers.Serializer[dict[str, Any]]):
    """A part and its place."""

    serial = code(80, "Serial of the part.")
    position = code(32, "Place inside what is built.")


class BuildSerializer(serializers.Serializer[dict[str, Any]]):
    """One unit and what it is built of."""

    serial = code(80, "Serial of the new unit.")
    parts = several(PartSerializer(), PARTS_MAX, "As its bill of materials names them.", 1)


class MaterialSerializer(serializers.Serializer[dict[str, Any]]):
    """Parts without serials from one lot."""

    lot = code(64, "Code of the lot that gave them.")
    quantity = count(1)


def materials_list() -> serializers.ListSerializer[Any]:
    """May be left out, and is then no part of the order: its key answers as it did before."""
    return serializers.ListSerializer(
        child=MaterialSerializer(),
        max_length=MATERIALS_MAX,
        required=False,
        help_text="Parts that the bill takes without serials, for all builds together.",
    )


BUILT = [
    {
        "serial": "T3-26-00000",
        "parts": [
            {"serial": "W1-01:0:0", "position": "D0"},
            {"serial": "W1-01:1:0", "position": "D1"},
        ],
    }
]


class BuildOrderSerializer(OrderSerializer):
    """More builds for this lot, of its product, at its step.

    materials: parts that the bill takes without serials, for all builds together.
    """

    example = {"builds": BUILT, "materials": [{"lot": "HBM-1", "quantity": 4}]}

    builds = several(BuildSerializer(), BUILDS_MAX, "Units that are built.", 1)
    materials = materials_list()


class ReissueSerializer(serializers.Serializer[dict[str, Any]]):
    """The count goes back to one lot and is taken from another."""

    returned_to = code(64, "The lot named by mistake.")
    issued_from = code(64, "The lot that gave the parts.")
    quantity = count(1)


class ReissueOrderSerializer(OrderSerializer):
    """Which lots gave an assembly its parts without serials, instead of those it named."""

    example = {
        "assembly": 4711,
        "changes": [{"returned_to": "HBM-1", "issued_from": "HBM-2", "quantity": 4}],
        "reason": "wrong-lot",
    }

    reason = listed_reason("reissue")
    assembly = serializers.IntegerField(
        min_value=1, max_value=ID_MAX, help_text="The assembly, by the number of its event."
    )
    changes = several(ReissueSerializer(), MATERIALS_MAX, "What goes back and what instead.", 1)
    is_exchange = serializers.BooleanField(
        required=False,
        default=False,
        help_text="The parts named were built in and exchanged since; otherwise they never were.",
    )


class NewLotSerializer(OrderSerializer):
    """What every new lot takes."""

    code = code(64, "Code of the new lot.")
    product = serializers.CharField(max_length=64, help_text="Code of what it is of.")
    route = serializers.CharField(max_length=32, help_text="Code of its route.")
    step = serializers.CharField(max_length=32, help_text="Code of the step where it begins.")
    custodian = serializers.CharField(max_length=32, help_text="Supplier code of who has it.")
    purpose = serializers.ChoiceField(
        choices=choices(LotPurpose),
        required=False,
        default=LotPurpose.PRODUCTION,
        help_text="Why it is started.",
    )


class AssembleLotSerializer(NewLotSerializer):
    """A new lot of what is built of other lots' parts."""

    example = {
        "code": "P1",
        "product": "TRN3",
        "route": "A",
        "step": "COWOS",
        "custodian": "OSAT1",
        "builds": BUILT,
    }

    builds = several(BuildSerializer(), BUILDS_MAX, "Units that are built.", 1)
    materials = materials_list()


class DeclarationSerializer(serializers.Serializer[dict[str, Any]]):
    """Where a vendor says that a serial comes from."""

    serial = code(80, "One of the serials received.")
    lot = text(64, help_text="The vendor's own lot.")
    wafer = text(64, help_text="The vendor's own wafer.")


class ReceiveLotSerializer(NewLotSerializer):
    """A new lot comes in, with its wafers and serials."""

    example = {
        "code": "W1",
        "kind": "wafer",
        "product": "TRN3-DIE",
        "route": "A",
        "step": "START",
        "custodian": "TSMC",
        "unit_of_measure": "wafer",
        "quantity": 3,
        "wafers": [1, 2, 3],
    }

    kind = serializers.ChoiceField(choices=choices(LotKind), help_text="What travels in it.")
    unit_of_measure = serializers.ChoiceField(
        choices=choices(UnitOfMeasure), help_text="What quantity counts."
    )
    quantity = count()
    wafers = wafer_list()
    wafer_codes = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        default=list,
        max_length=WAFERS_MAX,
        help_text="Scribes of wafers without a number.",
    )
    serials = serial_list()
    declarations = several(DeclarationSerializer(), SERIALS_MAX, "Where serials come from.")
    trust = serializers.ChoiceField(
        choices=choices(Trust),
        required=False,
        default=Trust.SEEN,
        help_text="Whether we saw its history or the vendor only declares it.",
    )
    due_on = serializers.DateField(
        required=False, default=None, allow_null=True, help_text="Day it is due."
    )
    is_hot = serializers.BooleanField(
        required=False, default=False, help_text="Whether it goes first."
    )
    customer = text(120, help_text="For whom.")
