"""Layouts of burn-in boards, as a table or a person states them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from supplychain.base.errors import MalformedError
from testing.domain.layouts import layout_fault, off_layout
from testing.domain.words import EquipmentKind
from testing.models import BoardLayout, BurnInRun
from testing.services.catalogue import known_equipment

NAMED_MAX = 10


@transaction.atomic
def record_board_layout(
    *, code: str, sockets: Sequence[Sequence[str]], boards: Iterable[str]
) -> BoardLayout:
    """State a layout, anew where it is known, and which boards have it. MalformedError for none."""
    rows = [list(row) for row in sockets]
    if fault := layout_fault(rows):
        raise MalformedError(fault, field="socket")
    layout, _ = BoardLayout.objects.update_or_create(code=code, defaults={"sockets": rows})
    for board in sorted(set(boards)):
        equipment = known_equipment(EquipmentKind.BURN_IN_BOARD, board)
        if equipment.layout_id != layout.pk:
            equipment.layout = layout
            equipment.save(update_fields=["layout"])
    return layout


def sockets_off_layout(run: BurnInRun) -> str:
    """Sockets of a load that the layouts of their boards do not have, in words; "" for none."""
    loads = run.units.filter(board__layout__isnull=False).select_related("board__layout")
    off = [
        f"{load.board.code}/{load.socket}"
        for load in loads.order_by("board__code", "socket")
        if load.board.layout and off_layout([load.socket], load.board.layout.sockets)
    ]
    if not off:
        return ""
    more = ", …" if len(off) > NAMED_MAX else ""
    return (
        f"Sockets that the layout of their board does not have: {', '.join(off[:NAMED_MAX])}{more}."
    )
