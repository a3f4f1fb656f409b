"""A rack seen from the front: one row a slot, slot 1 at the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, SLOT_HEIGHT, SLOT_GAP, FRAME, GUTTER = 380.0, 24.0, 3.0, 10.0, 34.0


@dataclass(frozen=True, slots=True)
class SlotContent:
    """What sits in a slot; empty without a serial. warning: why it needs a look, or nothing."""

    number: int
    serial: str
    product: str
    address: str
    warning: str


@dataclass(frozen=True, slots=True)
class SlotBox:
    """One slot on the page."""

    number: int
    top: float
    middle: float
    style: str
    label: str
    note: str
    address: str
    title: str


@dataclass(frozen=True, slots=True)
class RackDrawing:
    """Frame and slots, top of the rack first."""

    width: float
    height: float
    frame_left: float
    frame_width: float
    frame_height: float
    slot_left: float
    slot_width: float
    slot_height: float
    number_x: float
    slots: tuple[SlotBox, ...]

    @property
    def slot_right(self) -> float:
        """Right edge of every slot."""
        return self.slot_left + self.slot_width


def draw_rack(slots: Sequence[SlotContent]) -> RackDrawing:
    """Slots in any order; the highest number is drawn on top."""
    ordered = sorted(slots, key=lambda slot: -slot.number)
    boxes = []
    for row, slot in enumerate(ordered):
        top = FRAME + row * (SLOT_HEIGHT + SLOT_GAP)
        boxes.append(
            SlotBox(
                number=slot.number,
                top=top,
                middle=top + SLOT_HEIGHT / 2,
                style=_style(slot),
                label=slot.serial or "empty",
                note=slot.product,
                address=slot.address,
                title=_title(slot),
            )
        )
    height = 2 * FRAME + len(ordered) * (SLOT_HEIGHT + SLOT_GAP) - SLOT_GAP
    return RackDrawing(
        width=WIDTH,
        height=height,
        frame_left=GUTTER,
        frame_width=WIDTH - GUTTER - 1,
        frame_height=height - 2,
        slot_left=GUTTER + FRAME,
        slot_width=WIDTH - GUTTER - 2 * FRAME,
        slot_height=SLOT_HEIGHT,
        number_x=GUTTER - 8,
        slots=tuple(boxes),
    )


def _style(slot: SlotContent) -> str:
    if not slot.serial:
        return "empty"
    return "warning" if slot.warning else "full"


def _title(slot: SlotContent) -> str:
    if not slot.serial:
        return f"Slot {slot.number}, empty"
    parts = [f"Slot {slot.number}", f"{slot.product} {slot.serial}"]
    return ", ".join([*parts, slot.warning] if slot.warning else parts)
