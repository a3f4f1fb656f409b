"""Units that passed and yet stand out: beyond approved part limits, or among failing neighbours.

Nothing is looked at, and no value is read, where no limit version counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isnan
from typing import Any, ClassVar

from quality.domain.findings import MAP_DIES_MAX, Evidence, Finding, Json
from quality.domain.pictures import Picture, PointOf, value_points
from quality.domain.words import LimitKind, Statistic
from quality.models import LimitVersion, YieldFigure
from quality.selectors.limit_versions import approved_limits, asked_by, limits_of
from quality.selectors.part_values import NO_PARTS, PartsJudged, PartValue, judged_parts
from quality.selectors.series import key_of, lot_figures

UNITS_SHOWN = 200
"""Units that an issue names; the rest are counted."""

"""A larger wafer is not kept as a picture."""


class Outliers:
    """What the three have in common: each lot at a step, by the versions that count for it."""

    code: ClassVar[str]
    description: ClassVar[str]
    kinds: ClassVar[frozenset[LimitKind]]
    words: ClassVar[str]

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """All lots and steps among these with as many such units as the version flags."""
        figures = lot_figures().filter(lot_step__lot__in=lot_ids)
        ordered = list(figures.order_by("started_at", "lot_step_id"))
        approved = approved_limits({key_of(figure) for figure in ordered}, self.kinds)
        return [
            self._finding(figure, version, judged)
            for figure in ordered
            for version in approved.all_at(key_of(figure), self.kinds, figure.started_at)
            if figure.tested >= version.units_min
            for judged in (_judged(figure, version),)
            if len(judged.beyond) >= version.count_min
        ]

    def _finding(self, figure: YieldFigure, version: LimitVersion, judged: PartsJudged) -> Finding:
        units = judged.beyond
        lot, step = figure.lot_step.lot, figure.lot_step.step
        title = f"{len(units):,} of {lot.code} at {step.code} passed {self.words}, {version.name}"
        return Finding(
            cause_key=f"{self.code}:{lot.code}:{step.code}:{version.kind}:{version.parameter_id}",
            title=title,
            lot_id=lot.pk,
            step_id=step.pk,
            revision=f"results {figure.revision}",
            evidence=Evidence(
                statistic=Statistic.PART_OUTLIERS,
                value=len(units),
                limit=version.count_min,
                n=figure.tested,
                method=version.method,
                policy=figure.policy,
                facts={
                    "limit_version": str(version),
                    "limit_low": version.low,
                    "limit_high": version.high,
                    "units": [_row(unit) for unit in units[:UNITS_SHOWN]],
                    **_map(judged),
                },
                pictures=_pictures(version, judged, self.words),
            ),
        )


class PartAverage(Outliers):
    """Static and dynamic PAT: the value of a test beyond median ± k robust sigma (AEC-Q001)."""

    code = "part-average"
    description = "Passing units beyond an approved part average limit of a test."
    kinds = frozenset({LimitKind.STATIC_PAT, LimitKind.DYNAMIC_PAT})
    words = "beyond a part average limit"


class BadNeighbourhood(Outliers):
    """GDBN: a passing die most of whose neighbours fail."""

    code = "bad-neighbourhood"
    description = "Passing dies in a bad neighbourhood, by an approved limit."
    kinds = frozenset({LimitKind.GDBN})
    words = "in a bad neighbourhood"


class NeighbourResidual(Outliers):
    """NNR: a value unlike those of the neighbouring dies."""

    code = "neighbour-residual"
    description = "Passing dies unlike their neighbours in a test, by an approved limit."
    kinds = frozenset({LimitKind.NNR})
    words = "unlike their neighbours"


def _judged(figure: YieldFigure, version: LimitVersion) -> PartsJudged:
    pk = figure.lot_step_id
    found = judged_parts(asked_by(version), limits_of(version), version.parameter, [pk])
    return found.get(pk, NO_PARTS)


def _map(judged: PartsJudged) -> dict[str, Json]:
    """The wafer with most of the dies, where its dies are what is judged."""
    if not judged.dies:
        return {}
    ((wafer, _),) = Counter(unit.wafer for unit in judged.beyond).most_common(1)
    dies = judged.dies[wafer]
    if len(dies) > MAP_DIES_MAX:
        return {}
    return {
        "wafer": wafer,
        "map": [[x, y, 1, int(is_bad)] for (x, y), is_bad in sorted(dies.items())],
        "shape": [list(unit.place) for unit in judged.beyond if unit.place and unit.wafer == wafer],
    }


def _pictures(version: LimitVersion, judged: PartsJudged, words: str) -> tuple[Picture, ...]:
    test, band = version.parameter, judged.band
    if test is None or band is None:
        return ()
    values = [(unit.unit, unit.value) for unit in judged.parts]
    less = ", less that of its neighbours" if version.kind == LimitKind.NNR else ""
    picture = Picture(
        title=f"{test.text or test.number} of each passing unit{less}",
        of=PointOf.UNIT,
        rule=f"passed {words}, {version.name}",
        points=value_points(values, {unit.unit for unit in judged.beyond}),
        whole=len(values),
        middle=band.middle,
        low=band.low,
        high=band.high,
        is_ratio=False,
        unit=test.units,
        scale=test.scale,
    )
    return (picture,)


def _row(unit: PartValue) -> dict[str, Json]:
    row: dict[str, Json] = {"unit": unit.unit}
    if unit.wafer:
        row["wafer"] = unit.wafer
    if unit.place is not None:
        row["x"], row["y"] = unit.place
    if not isnan(unit.value):
        row["value"] = unit.value
    return row
