"""Insertions at another temperature than usual, or at a step where the lot never was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.domain.partial import resting_on
from quality.domain.pictures import POINTS_MAX, Picture, PicturePoint, PointOf
from quality.selectors.insertions import (
    TEMPERATURE_DETECTOR,
    UnlikeRun,
    tested_ahead,
    unlike_temperatures,
)
from testing.models import LotStep


@dataclass(frozen=True, slots=True)
class TemperatureThresholds:
    """celsius_max: from the median of up to window_lots lots before; lots_min: fewer are none."""

    celsius_max: float = 5.0
    lots_min: int = 6
    window_lots: int = 10


@dataclass(frozen=True, slots=True)
class PlaceThresholds:
    """grace_hours: of vendors' moves, 99 in 100 are reported within 66 hours."""

    grace_hours: int = 72


class WrongTemperature:
    """Runs beside earlier lots of the same product at the same step."""

    code = TEMPERATURE_DETECTOR
    description = "A lot was tested at another temperature than its product is at this step."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding for each lot and step, by its worst run."""
        limits = thresholds(TemperatureThresholds, parameters)
        worst: dict[int, UnlikeRun] = {}
        runs = unlike_temperatures(lot_ids, limits.celsius_max, limits.lots_min, limits.window_lots)
        for one in runs:
            known = worst.setdefault(one.run.lot_step_id, one)
            if _distance(one) > _distance(known):
                worst[one.run.lot_step_id] = one
        return resting_on((_unlike(one, limits) for one in worst.values()), runs)


class WrongInsertion:
    """Results at a step beyond all that the ledger knows of the lot."""

    code = "wrong-insertion"
    description = "A lot was tested at a step where it has never been."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding for each lot and step."""
        grace = timedelta(hours=thresholds(PlaceThresholds, parameters).grace_hours)
        return [_ahead(one, grace) for one in tested_ahead(lot_ids)]


def _distance(one: UnlikeRun) -> float:
    return abs(one.celsius - one.usual)


def _unlike(one: UnlikeRun, limits: TemperatureThresholds) -> Finding:
    run = one.run
    lot, step = run.lot_step.lot, run.lot_step.step
    return Finding(
        cause_key=f"{WrongTemperature.code}:{lot.code}:{step.code}",
        title=(
            f"{lot.code} was tested at {one.celsius:g} °C at {step.code}, usual are {one.usual:g}"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"run {run.pk} at {one.celsius:g}",
        evidence=Evidence(
            statistic="degrees Celsius",
            value=one.celsius,
            limit=one.usual,
            n=len(one.lots),
            method="median-of-lots-v1",
            baseline=tuple(one.lots),
            facts={
                "file": run.source_name,
                "tester": run.tester.code,
                "started_at": run.started_at.isoformat(),
                "celsius_allowed": limits.celsius_max,
            },
            pictures=(_picture(one, limits.celsius_max),),
        ),
    )


def _picture(one: UnlikeRun, celsius_max: float) -> Picture:
    code = one.run.lot_step.lot.code
    before = [PicturePoint(lot, celsius) for lot, celsius in one.lots.items()]
    return Picture(
        title="Temperature of each lot",
        of=PointOf.LOT,
        rule=f"more than {celsius_max:g} °C from the lots before",
        points=(*before[-POINTS_MAX + 1 :], PicturePoint(code, one.celsius, is_flagged=True)),
        whole=len(before) + 1,
        middle=one.usual,
        low=one.usual - celsius_max,
        high=one.usual + celsius_max,
        is_ratio=False,
        unit="°C",
    )


def _ahead(one: LotStep, grace: timedelta) -> Finding:
    lot, step = one.lot, one.step
    return Finding(
        cause_key=f"{WrongInsertion.code}:{lot.code}:{step.code}",
        title=f"{lot.code} has results of {step.code} and has come no farther than {lot.step.code}",
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"at {lot.step.code}",
        not_before=one.changed_at + grace,
        evidence=Evidence(
            statistic="units tested ahead",
            value=one.unit_count,
            limit=0,
            n=one.unit_count,
            method="route-place-v1",
            facts={"stands_at": lot.step.code, "tested_at": step.code},
        ),
    )
