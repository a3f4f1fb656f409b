"""From any unit to its rack slot one way, and to lot, wafer, X and Y the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lots.domain.moments import Moment
from lots.models import Unit
from lots.selectors import TraceNode, UsedMaterial, materials_of, parts_of
from lots.selectors.as_of import refuse_future
from operations.selectors.trace_rows import Walk
from racks.selectors import Place, units_in_slot
from supplychain.base.errors import MissingError


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A part with its own parts."""

    node: TraceNode
    parts: list[TreeNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origin:
    """A lot that gave parts, and how many."""

    lot_code: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class MaterialOrigin:
    """A lot of parts without serials, and how many of the units it may be in."""

    lot_code: str
    product: str
    unit_count: int


@dataclass(frozen=True, slots=True)
class Trace:
    """A unit with all it stands in, nearest first, and all it holds, nearest first.

    place: the slot that it, or what it stands in, sits in now. holder: the unit in that slot.
    materials: what has no serial, of its own assembly and of those of its parts.
    """

    unit: Unit
    containers: Sequence[TraceNode]
    parts: Sequence[TraceNode]
    place: Place | None
    holder: Unit | None
    materials: Sequence[UsedMaterial] = ()

    @property
    def around(self) -> list[Unit]:
        """What it is logically part of but is not in the slot itself, outermost first.

        An UltraServer spans racks, so the slot belongs to the server in it.
        """
        chain = self._chain()
        return chain[: chain.index(self.holder)] if self.holder in chain else []

    @property
    def inward(self) -> list[Unit]:
        """From what sits in the slot, or else from the outermost container, down to the unit."""
        chain = self._chain()
        return chain[chain.index(self.holder) :] if self.holder in chain else chain

    def _chain(self) -> list[Unit]:
        return [*(node.unit for node in reversed(self.containers)), self.unit]

    @property
    def tree(self) -> list[TreeNode]:
        """Parts as they nest."""
        nodes = {node.unit.pk: TreeNode(node) for node in self.parts}
        roots: list[TreeNode] = []
        for node in self.parts:
            parent = nodes.get(node.edge.parent_id)
            (parent.parts if parent else roots).append(nodes[node.unit.pk])
        return roots

    @property
    def origins(self) -> list[Origin]:
        """Lots that the parts came from, by kind of part."""
        counts = Counter(
            (node.unit.kind, node.unit.lot.code) for node in self.parts if node.unit.lot is not None
        )
        return [Origin(code, kind, count) for (kind, code), count in sorted(counts.items())]

    @property
    def material_origins(self) -> list[MaterialOrigin]:
        """Lots of parts without serials, by product."""
        return material_origins(self.materials)


def material_origins(materials: Iterable[UsedMaterial]) -> list[MaterialOrigin]:
    """By product and lot."""
    counts = Counter((used.product, used.lot_code) for used in materials)
    return [MaterialOrigin(lot, product, count) for (product, lot), count in sorted(counts.items())]


def trace_of(serial: str) -> Trace:
    """Both ways, in two queries. MissingError for an unknown serial."""
    walk = Walk(serial)
    if walk.unit is None:
        raise _unknown(serial)
    chain = [walk.unit, *(node.unit for node in walk.containers)]
    holder = next((one for one in chain if one.pk in walk.places), None)
    return Trace(
        unit=walk.unit,
        containers=walk.containers,
        parts=walk.parts,
        place=walk.places[holder.pk] if holder else None,
        holder=holder,
        materials=materials_of([serial, *(node.unit.serial for node in walk.parts)]),
    )


def materials_then(serial: str, moment: Moment | None) -> list[UsedMaterial]:
    """Material of the unit and of what is in it now, as was told then; None as is told now.

    MissingError for an unknown serial; MalformedError for an event to come.
    """
    if moment is not None:
        refuse_future(moment)
    unit = unit_by_serial(serial)
    return materials_of([serial, *(node.unit.serial for node in parts_of(unit))], moment)


def unit_by_serial(serial: str) -> Unit:
    """The unit with what its pages name. MissingError for an unknown serial."""
    units = Unit.objects.select_related("product__supplier", "lot__product", "lot__step", "wafer")
    unit = units.filter(serial=serial).first()
    if unit is None:
        raise _unknown(serial)
    return unit


def serial_in_slot(rack_serial: str, number: int) -> str:
    """Of what sits in the slot now. MissingError for an empty or unknown slot."""
    unit = units_in_slot(rack_serial, number).first()
    if unit is None:
        raise MissingError(
            f"Slot {number} of rack {rack_serial} is empty or unknown.",
            rack=rack_serial,
            slot=number,
        )
    return unit.serial


def _unknown(serial: str) -> MissingError:
    return MissingError(
        f"There is no unit {serial}. Check the serial as written on the label.", serial=serial
    )
