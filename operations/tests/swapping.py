"""Parts that are taken out of what they were built into."""

from __future__ import annotations

from lots.models import Genealogy, Lot, Unit
from lots.services import swap_part
from lots.services.selecting import free_good
from operations.tests.line import command


def swapped(edge: Genealogy, spares: Lot, days_ago: float = 0, returned: str = "RMA1") -> Unit:
    """The edge's part, which came back into that lot; the newest free one of the spares is in."""
    swap_part(
        parent=edge.parent,
        position=edge.position,
        new_serial=free_good(spares.units.all()).order_by("-id")[0].serial,
        command=command(days_ago),
        returned_lot_code=returned,
    )
    return Unit.objects.get(pk=edge.child_id)
