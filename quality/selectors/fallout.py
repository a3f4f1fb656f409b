"""What burn-in cost the lots before."""

from __future__ import annotations

from django.db.models import Min

from testing.models import LotStep
from testing.selectors import LotFallout, burn_in_fallout


def burn_in_before(lot_step: LotStep, lots_max: int) -> list[tuple[str, LotFallout]]:
    """Code and fallout of the last lots of the product that began burn-in there before this one.

    Oldest first.
    """
    rows = LotStep.objects.filter(
        lot__product=lot_step.lot.product_id, step__code=lot_step.step.code
    ).annotate(began_at=Min("burn_in_runs__started_at"))
    own = rows.get(pk=lot_step.pk).began_at
    before = rows.filter(began_at__lt=own).order_by("-began_at", "-pk")[:lots_max]
    codes = dict(before.values_list("pk", "lot__code"))
    found = burn_in_fallout(list(codes))
    return [(codes[pk], found[pk]) for pk in reversed(codes) if pk in found]
