"""A tester site that passes fewer units than its siblings on the same lot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quality.detectors.frame import ChanceDetector
from quality.detectors.thresholds import thresholds
from quality.domain.discovery import Weighed
from quality.domain.findings import Evidence, Finding
from quality.domain.limits import BASELINE_LOTS_MIN
from quality.domain.pictures import Picture, PointOf, share_points
from quality.domain.proportions import (
    SiteVerdict,
    compare_sites,
    site_dispersion,
    site_effects,
    step_dispersion,
    worst_effect,
)
from quality.domain.words import Statistic
from quality.selectors.series import Judged, judged_figures
from quality.selectors.sites import SiteCounts, site_counts


@dataclass(frozen=True, slots=True)
class Thresholds:
    """q: false discoveries among the sites of one tester on one lot. units_min: per site.
    effect_min: how much worse than the other sites matters."""

    q: float = 0.0004
    window_lots: int = 20
    units_min: int = 15
    effect_min: float = 0.05


class SiteYield(ChanceDetector):
    """First insertions only: a retest on another site hides a bad one.

    The cause is the site, not the lot: lots that follow add to the same issue.
    """

    code = "site-yield"
    description = "A tester site worse than its siblings."

    def weigh(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Weighed]:
        """All of these lots at steps with a tester of two sites or more."""
        limits = thresholds(Thresholds, parameters)
        judged = judged_figures(lot_ids, limits.window_lots)
        ids = {f.lot_step_id for one in judged for f in (one.figure, *one.earlier)}
        counts = site_counts(sorted(ids), limits.units_min)
        return bad_sites(judged, counts, limits)


def bad_sites(
    judged: Sequence[Judged], counts: Mapping[int, list[SiteCounts]], limits: Thresholds
) -> list[Weighed]:
    """All of these lots that ran on several sites, with those that stand out. counts: by lot step;
    nothing else is read."""
    found = []
    for one in judged:
        here = counts.get(one.figure.lot_step_id, [])
        compared = [tester for tester in here if len(tester.sites) > 1]
        if compared:
            found.append(_weighed(one, compared, counts, limits))
    return found


def _weighed(
    judged: Judged,
    compared: Sequence[SiteCounts],
    counts: Mapping[int, list[SiteCounts]],
    limits: Thresholds,
) -> Weighed:
    """The smallest adjusted p-value of a tester's sites is that of all of them, and each tester had
    a chance. Sources: Simes, Bonferroni."""
    figure, bad = judged.figure, _findings(judged, compared, counts, limits)
    p_values = [one.evidence.p_adjusted for one in bad if one.evidence.p_adjusted is not None]
    p_value = min(1.0, min(p_values) * len(compared)) if p_values else None
    return Weighed(figure.lot_step_id, figure.started_at, p_value, tuple(bad))


def _findings(
    judged: Judged,
    compared: Sequence[SiteCounts],
    counts: Mapping[int, list[SiteCounts]],
    limits: Thresholds,
) -> list[Finding]:
    here = [
        tester
        for tester in compared
        if worst_effect(list(tester.sites.values())) <= -limits.effect_min
    ]
    if not here:
        return []
    earlier = [tester for figure in judged.earlier for tester in counts.get(figure.lot_step_id, [])]
    found = []
    for tester in here:
        dispersion = _dispersion(tester, earlier, limits.effect_min)
        verdicts = compare_sites(list(tester.sites.values()), dispersion)
        for site, verdict in zip(tester.sites, verdicts, strict=bool(verdicts)):
            if verdict.p_adjusted < limits.q and verdict.effect <= -limits.effect_min:
                found.append(_finding(judged, tester, site, verdict, dispersion))
    return found


def _dispersion(tester: SiteCounts, earlier: Sequence[SiteCounts], effect_min: float) -> float:
    """How much ordinary lots differ between sites. The sites that stand out here take no part in
    what is known of this tester: one that has been bad for long would make itself ordinary."""
    effects = site_effects(list(tester.sites.values()))
    bad = {
        site for site, effect in zip(tester.sites, effects, strict=True) if effect <= -effect_min
    }
    rest = [
        [
            count
            for site, count in one.sites.items()
            if one.tester != tester.tester or site not in bad
        ]
        for one in earlier
    ]
    if sum(len(sites) > 1 for sites in rest) >= BASELINE_LOTS_MIN:
        return site_dispersion(rest, BASELINE_LOTS_MIN)
    own = [one.sites for one in earlier if one.tester == tester.tester]
    return step_dispersion(own, sorted(bad), BASELINE_LOTS_MIN)


def _finding(
    judged: Judged, tester: SiteCounts, site: str, verdict: SiteVerdict, dispersion: float
) -> Finding:
    figure = judged.figure
    lot, step = figure.lot_step.lot, figure.lot_step.step
    place = f"site {site.rsplit('/', 1)[1]} of {tester.tester}"
    return Finding(
        cause_key=f"{SiteYield.code}:{lot.product.code}:{step.code}:{tester.tester}/{site}",
        title=(
            f"Tester {place} passes {verdict.value:.1%} of {lot.code} at {step.code}, "
            f"its siblings {verdict.others:.1%}"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"{lot.code} results {figure.revision}",
        is_weighed=True,
        evidence=Evidence(
            statistic=Statistic.SITE_YIELD,
            value=verdict.value,
            limit=verdict.others,
            n=verdict.units,
            method=verdict.method,
            baseline=judged.baseline,
            dispersion=dispersion,
            p_value=verdict.p_value,
            p_adjusted=verdict.p_adjusted,
            policy="first insertion",
            facts={
                "tester": tester.tester,
                "site": site,
                "effect": verdict.effect,
                "sites": {
                    name: {"passed": count.passed, "units": count.units}
                    for name, count in tester.sites.items()
                },
            },
            pictures=(_picture(tester, site, verdict, dispersion),),
        ),
    )


def _picture(tester: SiteCounts, site: str, verdict: SiteVerdict, dispersion: float) -> Picture:
    return Picture(
        title=f"Passed when first tested, by head and site of {tester.tester}",
        of=PointOf.SITE,
        rule=f"{verdict.effect * 100:+.1f} points from its siblings",
        points=share_points(tester.sites, {site}, dispersion),
        whole=len(tester.sites),
        middle=verdict.others,
        usual="Siblings",
    )
