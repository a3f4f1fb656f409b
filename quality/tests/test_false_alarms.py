"""How often the detectors cry wolf on ordinary lots, and whether they see planted causes.

Lots are overdispersed like real ones: each has its own level, sites differ a little, and some chips
are saved by retest. Seeds are fixed; thresholds are those of the reference rules.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import Generator

from lots.models import Lot, Step
from quality.detectors.running import review_changed_lots
from quality.models import Issue
from quality.services import queue_reviews
from quality.tests.building import NOW, Figures, bare_lot

pytestmark = pytest.mark.usefixtures("rules")

LOTS = 60
STEPS = {"FT-HOT": 0.95, "FT-COLD": 0.97, "SLT": 0.98}
BIN_SHARES = (0.5, 0.25, 0.15, 0.1)


def figures(
    random: Generator,
    level: float,
    day: float,
    *,
    bad_site: float = 1.0,
    shares: tuple[float, ...] = BIN_SHARES,
) -> Figures:
    """200 chips on four sites; level: of this lot; bad_site: factor on the yield of site 3."""
    ratios = np.clip(level + random.normal(0, 0.004, 4), 0, 1) * [1, 1, bad_site, 1]
    passed = random.binomial(50, ratios)
    first = int(passed.sum())
    recovered = int(random.binomial(200 - first, 0.3))
    failing = random.multinomial(200 - first - recovered, shares)
    return Figures(
        passed=first + recovered,
        first_passed=first,
        bins={str(number): int(count) for number, count in enumerate(failing, start=5) if count},
        sites={str(site): (int(ok), 50) for site, ok in enumerate(passed, start=1)},
        days=day,
    )


def lot_level(random: Generator, ratio: float) -> float:
    logit = np.log(ratio / (1 - ratio)) + random.normal(0, 0.25)
    return float(1 / (1 + np.exp(-logit)))


def line_of(random: Generator, lots: int) -> list[Lot]:
    steps = {code: Step.objects.get(route_version__route__code="A", code=code) for code in STEPS}
    made = []
    for day in range(lots):
        lot = bare_lot(f"L-{day:03d}")
        for code, ratio in STEPS.items():
            figures(random, lot_level(random, ratio), day).of(lot, steps[code])
        made.append(lot)
    return made


def review(lots: list[Lot]) -> list[Issue]:
    queue_reviews(lot_ids=[lot.pk for lot in lots], now=NOW)
    while review_changed_lots(now=NOW, is_settled=True).lot_count:
        pass
    return list(Issue.objects.select_related("rule").order_by("pk"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ordinary_lots_of_these_seeds_raise_nothing(seed: int) -> None:
    assert review(line_of(np.random.default_rng(seed), LOTS)) == []


def test_bad_site_low_lot_and_full_bin_are_all_found() -> None:
    random = np.random.default_rng(4)
    lots = line_of(random, 10)
    site, low = bare_lot("SITE"), bare_lot("LOW")
    figures(random, 0.95, 20, bad_site=0.7).of(site)
    figures(random, 0.75, 21, shares=(0.1, 0.8, 0.05, 0.05)).of(low)
    found = {
        (issue.rule.code, issue.lot and issue.lot.code) for issue in review([*lots, site, low])
    }
    assert ("site-yield", "SITE") in found
    assert ("yield-below-limit", "LOW") in found
    assert ("bin-above-limit", "LOW") in found
