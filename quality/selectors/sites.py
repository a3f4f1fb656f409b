"""First-pass counts of tester sites, lot step by lot step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from quality.domain.dispersion import Count
from quality.domain.words import YieldScope
from quality.models import YieldFigure


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """Sites of one tester on one lot step: name within the tester → units first tested there."""

    tester: str
    sites: dict[str, Count]


def site_counts(lot_step_ids: Sequence[int], units_min: int) -> dict[int, list[SiteCounts]]:
    """Lot step → its testers. Sites with fewer than units_min units are left out."""
    rows = YieldFigure.objects.filter(
        lot_step__in=lot_step_ids,
        scope=YieldScope.SITE,
        is_current=True,
        tested__gte=max(units_min, 1),
    ).order_by("lot_step_id", "scope_key")
    testers: dict[int, dict[str, dict[str, Count]]] = defaultdict(lambda: defaultdict(dict))
    for figure in rows:
        tester, head, site = figure.scope_key.rsplit("/", 2)
        count = Count(figure.first_passed, figure.tested)
        testers[figure.lot_step_id][tester][f"{head}/{site}"] = count
    return {
        lot_step_id: [SiteCounts(tester, sites) for tester, sites in found.items()]
        for lot_step_id, found in testers.items()
    }
