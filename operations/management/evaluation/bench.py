"""Detectors on lots in memory: the service's own functions and thresholds, without its database."""

from __future__ import annotations

import json
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from lots.models import Lot, Product, Step
from quality.detectors import bins, drifts, equipment, repeaters, retests, signatures, sites, yields
from quality.detectors.thresholds import thresholds
from quality.domain.commonality import Commonality, commonality
from quality.domain.discovery import WEEK, Weighed, family_of, q_values, week_of
from quality.domain.dispersion import Count
from quality.domain.exposure import Factor, LotExposure, Tool
from quality.domain.findings import Finding
from quality.domain.limits import BASELINE_LOTS_MIN
from quality.models import YieldFigure
from quality.selectors.budget import BUDGET_RATIO
from quality.selectors.die_maps import SitedDie
from quality.selectors.exposures import COMMONALITY_LOTS
from quality.selectors.long_series import LongSeries
from quality.selectors.series import Judged, SeriesKey, key_of
from quality.selectors.sites import SiteCounts
from quality.services.reference import FOLDER
from simulator.streams import BIN_ZERO, NO_BIN, Place, Tested
from testing.models import LotStep

T0 = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = (
    "yield-below-limit", "yield-drift", "bin-above-limit", "site-yield", "equipment-yield",
    "reticle-repeater", "wafer-signature", "retest-rate",
)  # fmt: skip
BIN_NAMES = {NO_BIN: "", BIN_ZERO: "0"}
TOOLS = {
    Factor.TESTER: "tester",
    Factor.OVEN: "oven",
    Factor.PROBE_CARD: "card",
    Factor.LOAD_BOARD: "board",
}
"""Columns of `Tested` by what they name."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A finding of one detector on one lot at one step. is_sure: acted on, as it was known then."""

    detector: str
    number: int
    step: str
    finding: Finding
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds of every detector on the bench, as the reference rules have them."""

    low: yields.Thresholds
    drift: drifts.Thresholds
    bins: bins.Thresholds
    sites: sites.Thresholds
    tools: equipment.Thresholds
    shapes: signatures.Thresholds
    repeaters: repeaters.Thresholds
    retests: retests.Thresholds


def reference_rules() -> Rules:
    """Those that a first start brings; a rule edited in the service is not seen here."""
    rows = json.loads((FOLDER / "rules.json").read_text(encoding="utf-8"))
    given: Mapping[str, Mapping[str, Any]] = {row["detector"]: row["parameters"] for row in rows}
    return Rules(
        thresholds(yields.Thresholds, given["yield-below-limit"]),
        thresholds(drifts.Thresholds, given["yield-drift"]),
        thresholds(bins.Thresholds, given["bin-above-limit"]),
        thresholds(sites.Thresholds, given["site-yield"]),
        thresholds(equipment.Thresholds, given["equipment-yield"]),
        thresholds(signatures.Thresholds, given["wafer-signature"]),
        thresholds(repeaters.Thresholds, given["reticle-repeater"]),
        thresholds(retests.Thresholds, given["retest-rate"]),
    )


@dataclass(slots=True)
class Bench:
    """Lots judged one after the other; each then is history for the next."""

    rules: Rules
    figures: dict[SeriesKey, list[YieldFigure]] = field(default_factory=lambda: defaultdict(list))
    site_counts: dict[int, list[SiteCounts]] = field(default_factory=dict)
    exposures: dict[int, LotExposure] = field(default_factory=dict)
    maps: dict[int, dict[Place, tuple[int, int]]] = field(default_factory=dict)
    recent: dict[SeriesKey, deque[Tested]] = field(default_factory=lambda: defaultdict(_window))
    products: dict[str, int] = field(default_factory=dict)
    tests: Counter[date] = field(default_factory=Counter)
    flagged: dict[date, list[float]] = field(default_factory=lambda: defaultdict(list))
    last_pk: int = 0

    def branch(self) -> Bench:
        """The same history, to go on from without changing it."""
        figures: dict[SeriesKey, list[YieldFigure]] = defaultdict(list)
        figures.update({key: list(rows) for key, rows in self.figures.items()})
        recent: dict[SeriesKey, deque[Tested]] = defaultdict(_window)
        recent.update({key: lots.copy() for key, lots in self.recent.items()})
        flagged: dict[date, list[float]] = defaultdict(list)
        flagged.update({week: list(values) for week, values in self.flagged.items()})
        return Bench(
            self.rules,
            figures,
            dict(self.site_counts),
            dict(self.exposures),
            dict(self.maps),
            recent,
            dict(self.products),
            self.tests.copy(),
            flagged,
            self.last_pk,
        )

    def judge(self, lot: Tested, *, only_yields: bool = False) -> list[Alarm]:
        """Add the lot to its series and say what the detectors find. only_yields: lot yield."""
        figure = self._add(lot)
        weighed = self._low(figure)
        if not only_yields:
            weighed += [*self._bins(figure), *self._sites(figure), *self._patterns(figure, lot)]
            weighed += [*self._repeaters(figure, lot), *self._retests(figure), *self._tools(figure)]
        found = [*self._alarms(lot, weighed), *self._drift_alarms(lot, figure)]
        return sorted(found, key=lambda alarm: ORDER.index(alarm.detector))

    def _drift_alarms(self, lot: Tested, figure: YieldFigure) -> list[Alarm]:
        """A sum errs by the lot, not by chance of one: outside the budget."""
        found = self._drifts(figure)
        return [Alarm("yield-drift", lot.number, lot.step, one) for one in found]

    def _alarms(self, lot: Tested, weighed: Sequence[Weighed]) -> list[Alarm]:
        """What was found on a lot, and whether it was within the budget with what was known."""
        if not weighed:
            return []
        week = week_of(weighed[0].at)
        self.tests[week] += len(weighed)
        self.flagged[week] += [one.p_value for one in weighed if one.p_value is not None]
        family = family_of(self.tests[week], self.tests[week - WEEK])
        values = dict(zip(self.flagged[week], q_values(self.flagged[week], family), strict=True))
        return [
            Alarm(
                finding.cause_key.split(":")[0], lot.number, lot.step, finding,
                one.p_value is None or values[one.p_value] <= BUDGET_RATIO,
            )
            for one in weighed
            for finding in one.findings
        ]  # fmt: skip

    def series_of(self, lot: Tested) -> SeriesKey:
        """The lot's product at its step."""
        return SeriesKey(self.products.setdefault(lot.product, len(self.products) + 1), lot.step)

    def causes(self, series: SeriesKey) -> Commonality:
        """What explains a loss on the newest lots of a series."""
        return commonality([exposure_of(lot) for lot in self.recent[series]])

    def _add(self, lot: Tested) -> YieldFigure:
        self.last_pk += 1
        series = self.series_of(lot)
        self.recent[series].append(lot)
        figure = figure_of(lot, self.last_pk, series.product_id)
        self.figures[key_of(figure)].append(figure)
        self.site_counts[self.last_pk] = sites_of(lot, self.rules.sites.units_min)
        self.exposures[self.last_pk] = at_the_step(exposure_of(lot))
        if lot.places:
            self.maps[self.last_pk] = stack_of(lot)
        return figure

    def _judged(self, figure: YieldFigure, window: int, units_min: int) -> list[Judged]:
        if figure.tested < units_min:
            return []
        rows = [row for row in self.figures[key_of(figure)][:-1] if row.tested >= units_min]
        return [Judged(figure, tuple(rows[-window:]))]

    def _low(self, figure: YieldFigure) -> list[Weighed]:
        limits = self.rules.low
        judged = self._judged(figure, limits.window_lots, limits.units_min)
        return yields.low_yields(judged, {}, limits)

    def _drifts(self, figure: YieldFigure) -> list[Finding]:
        limits, key = self.rules.drift, key_of(figure)
        rows = [row for row in self.figures[key] if row.tested >= limits.units_min]
        first, rest = rows[: limits.baseline_lots], rows[limits.baseline_lots :]
        series = LongSeries(
            key,
            tuple(first),
            tuple(rest[-limits.window_lots :]),
            figure.lot_step_id,
        )
        return drifts.drifts_in([series], limits)

    def _bins(self, figure: YieldFigure) -> list[Weighed]:
        limits = self.rules.bins
        return bins.full_bins(self._judged(figure, limits.window_lots, limits.units_min), limits)

    def _sites(self, figure: YieldFigure) -> list[Weighed]:
        limits = self.rules.sites
        judged = self._judged(figure, limits.window_lots, 1)
        return sites.bad_sites(judged, self.site_counts, limits)

    def _tools(self, figure: YieldFigure) -> list[Weighed]:
        limits = self.rules.tools
        judged = self._judged(figure, limits.window_lots, limits.units_min)
        return equipment.bad_tools(judged, self.exposures, limits)

    def _retests(self, figure: YieldFigure) -> list[Weighed]:
        limits = self.rules.retests
        return retests.high_shares(
            self._judged(figure, limits.window_lots, limits.units_min), limits
        )

    def _patterns(self, figure: YieldFigure, lot: Tested) -> list[Weighed]:
        if not lot.places:
            return []
        limits = self.rules.shapes
        judged = [
            one
            for one in self._judged(figure, limits.window_lots, limits.units_min)
            if len(one.earlier) >= BASELINE_LOTS_MIN
        ]
        wafers = {figure.lot_step_id: dies_of(lot)}
        return signatures.patterns_in(judged, self.maps, wafers, limits)

    def _repeaters(self, figure: YieldFigure, lot: Tested) -> list[Weighed]:
        limits = self.rules.repeaters
        if not lot.places or figure.tested < limits.units_min:
            return []
        dies = {figure.lot_step_id: sited_dies_of(lot)}
        return repeaters.repeaters_in([figure], dies, limits)


def _window() -> deque[Tested]:
    return deque(maxlen=COMMONALITY_LOTS)


def exposure_of(lot: Tested) -> LotExposure:
    """First insertions by tool, as `selectors.exposures` reads them."""
    ok = lot.first_bin == 0
    counts = {
        Tool(factor, str(name)): Count(int(ok[here].sum()), int(here.sum()))
        for factor, column in tool_columns(lot).items()
        for name in np.unique(column)
        if name and (here := column == name).any()
    }
    return LotExposure(lot.code, Count(int(ok.sum()), len(ok)), counts)


def at_the_step(exposure: LotExposure) -> LotExposure:
    """Without the ovens of an earlier step, as `selectors.exposures` counts tools with figures."""
    tools = {tool: on for tool, on in exposure.tools.items() if tool.factor is not Factor.OVEN}
    return replace(exposure, tools=tools)


def tool_columns(lot: Tested) -> dict[Factor, np.ndarray]:
    """What each unit was on, (unit,); a site is named tester/head/site."""
    places = [f"{head}/{site}" for head, site in zip(lot.head, lot.site, strict=True)]
    sites = np.char.add(np.char.add(lot.tester.astype(str), "/"), places)
    return {
        **{factor: getattr(lot, name) for factor, name in TOOLS.items()},
        Factor.SITE: sites,
    }


def figure_of(lot: Tested, pk: int, product_id: int) -> YieldFigure:
    """The figure that the service would store for these units; not saved."""
    first, final = lot.first_bin == 0, lot.final_bin == 0
    product = Product(pk=product_id, code=lot.product)
    lot_step = LotStep(
        pk=pk,
        lot=Lot(pk=lot.number + 1, code=lot.code, product=product),
        step=Step(pk=pk, code=lot.step),
    )
    numbers, counts = np.unique(lot.final_bin[~final], return_counts=True)
    return YieldFigure(
        pk=pk,
        lot_step=lot_step,
        tested=len(first),
        first_passed=int(first.sum()),
        final_passed=int(final.sum()),
        retested=int(lot.is_retested.sum()),
        recovered=int((lot.is_retested & final).sum()),
        fail_bins={
            BIN_NAMES.get(int(n), str(n)): int(count)
            for n, count in zip(numbers, counts, strict=True)
        },
        started_at=T0 + timedelta(hours=lot.number),
        revision=1,
        policy="last",
    )


def sites_of(lot: Tested, units_min: int) -> list[SiteCounts]:
    """First insertions by site, as `selectors.sites` reads them."""
    ok = lot.first_bin == 0
    found = []
    for tester in sorted(set(lot.tester.tolist())):
        here = lot.tester == tester
        places = sorted(set(zip(lot.head[here].tolist(), lot.site[here].tolist(), strict=True)))
        counts = {
            f"{head}/{site}": Count(int(ok[there].sum()), int(there.sum()))
            for head, site in places
            if (there := here & (lot.head == head) & (lot.site == site)).sum() >= units_min
        }
        if counts:
            found.append(SiteCounts(tester, counts))
    return found


def stack_of(lot: Tested) -> dict[Place, tuple[int, int]]:
    """Dies tested and bad by place, as `selectors.die_maps` reads them."""
    places, placed = lot.places, lot.die >= 0
    die, is_bad = lot.die[placed], lot.final_bin[placed] != 0
    tested = np.bincount(die, minlength=len(places))
    bad = np.bincount(die, is_bad, minlength=len(places))
    ordered = sorted(range(len(places)), key=lambda at: (places[at][1], places[at][0]))
    return {places[at]: (int(tested[at]), int(bad[at])) for at in ordered if tested[at]}


def dies_of(lot: Tested) -> dict[str, dict[Place, bool]]:
    """Wafer → place → whether its die is bad, as `selectors.die_maps` reads them."""
    found: dict[str, dict[Place, bool]] = defaultdict(dict)
    for wafer, die, number in zip(lot.wafer, lot.die, lot.final_bin, strict=True):
        if die >= 0:
            found[f"{wafer:02d}"][lot.places[die]] = bool(number)
    return dict(found)


def sited_dies_of(lot: Tested) -> dict[str, dict[Place, SitedDie]]:
    """Wafer → place → its die, as `selectors.die_maps` reads them."""
    found: dict[str, dict[Place, SitedDie]] = defaultdict(dict)
    names = tool_columns(lot)[Factor.SITE].tolist()
    columns = (lot.wafer.tolist(), lot.die.tolist(), lot.final_bin.tolist(), names)
    for wafer, die, number, site in zip(*columns, strict=True):
        if die >= 0:
            found[f"{wafer:02d}"][lot.places[die]] = SitedDie(bool(number), site)
    return dict(found)


def ratios_of(figures: Sequence[YieldFigure]) -> list[float]:
    """Final yield of each."""
    return [figure.final_passed / figure.tested for figure in figures]
