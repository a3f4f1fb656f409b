"""Which units of a lot fell in a bin."""

from __future__ import annotations

from lots.models import Lot
from testing.models import UnitResult


def serials_in_bin(lot: Lot, bin_number: int) -> tuple[str, ...]:
    """Serials of the lot's units whose newest standing result is of this hard bin."""
    newest = (
        UnitResult.objects.filter(unit__lot=lot, is_final=True)
        .order_by("unit_id", "-run__started_at", "-id")
        .distinct("unit_id")
        .values_list("unit__serial", "hard_bin")
    )
    return tuple(sorted(serial for serial, number in newest if number == bin_number))
