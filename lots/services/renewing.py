"""A lot whose making was corrected begins anew under its code."""

from __future__ import annotations

from lots.domain.words import LotState
from lots.models import Lot
from lots.services.frame import plain_values
from lots.services.lookups import insert_lot
from supplychain.base.errors import ConflictError

SAID = ("purpose", "is_hot", "due_on", "customer")
"""What a lot says of itself, and may say otherwise the second time."""
ALIKE = ("kind", "product", "unit_of_measure")


def start_lot(new: Lot) -> tuple[Lot, dict[str, object]]:
    """The new lot, and what its event is to keep where it was withdrawn before: else nothing.

    ConflictError when the code is taken by a lot that is there, or that was another thing.
    """
    gone = Lot.objects.select_for_update(of=("self",), no_key=True).select_related("product")
    old = gone.filter(code=new.code, state=LotState.WITHDRAWN).first()
    if old is None:
        return insert_lot(new), {}
    for name in ALIKE:
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            raise ConflictError(
                f"Lot {old.code} was taken back, and its {name.replace('_', ' ')} was {was}, not "
                f"{now}. Choose another code.",
                lot=old.code,
            )
    told: dict[str, object] = {
        "before": plain_values(old, *SAID),
        "after": plain_values(new, *SAID),
    }
    new.pk, new.recorded_at, new.version = old.pk, old.recorded_at, old.version + 1
    new.save(force_update=True)
    return new, told
