"""The log of an oven load from every file that told of it, quantity by quantity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from testing.domain.burnin import (
    BurnInWindow,
    chargeable_hours,
    proven_by_both,
    temperature_limits,
    voltage_limits,
)
from testing.domain.burnin_series import (
    HOUR,
    Interruption,
    Interval,
    LogHour,
    Sample,
    by_hour,
    in_both,
    interruptions,
    merged_samples,
    reached_at,
)
from testing.domain.words import OvenQuantity
from testing.models import BurnInRequirement, BurnInRun, OvenReading


@dataclass(frozen=True, slots=True)
class LoadLog:
    """Samples of a load, merged, in order of time, from a gap before its start to one after."""

    temperature: list[Sample]
    voltage: list[Sample]


def burn_in_window(requirement: BurnInRequirement) -> BurnInWindow:
    """The requirement's windows, as the clock reads them."""
    return BurnInWindow(
        temperature_celsius_min=requirement.temperature_celsius_min,
        temperature_celsius_max=requirement.temperature_celsius_max,
        voltage_min=requirement.voltage_min,
        voltage_max=requirement.voltage_max,
        gap_max=timedelta(minutes=requirement.gap_minutes_max),
    )


def load_log(run: BurnInRun) -> LoadLog:
    """The log that came with the load and the oven's own, in two queries."""
    lines = list(run.readings.values_list("measured_at", "temperature_celsius", "voltage"))
    found = {
        OvenQuantity.TEMPERATURE: [Sample(at, celsius) for at, celsius, _ in lines],
        OvenQuantity.VOLTAGE: [Sample(at, volt) for at, _, volt in lines],
    }
    for quantity, at, value in _oven_readings(run).values_list("quantity", "measured_at", "value"):
        found[OvenQuantity(quantity)].append(Sample(at, value))
    return LoadLog(
        merged_samples(found[OvenQuantity.TEMPERATURE]), merged_samples(found[OvenQuantity.VOLTAGE])
    )


def _oven_readings(run: BurnInRun) -> QuerySet[OvenReading]:
    gap = timedelta(minutes=run.requirement.gap_minutes_max)
    return OvenReading.objects.filter(
        oven=run.oven_id,
        measured_at__gte=run.started_at - gap,
        measured_at__lte=run.finished_at + gap,
    )


def proven_time(run: BurnInRun) -> list[Interval]:
    """Stretches in which temperature and voltage are both proven, from all that is known."""
    log = load_log(run)
    return proven_by_both(log.temperature, log.voltage, burn_in_window(run.requirement))


@dataclass(frozen=True, slots=True)
class ReadPoint:
    """reached_at: None where the load's proven time does not reach so far."""

    hours: float
    reached_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoadProof:
    """A load's log and what it proves. interruptions: by quantity; hours: temperature, voltage."""

    log: LoadLog
    window: BurnInWindow
    interruptions: dict[OvenQuantity, list[Interruption]]
    hours: list[tuple[LogHour, LogHour, float]]
    read_points: list[ReadPoint]


def load_proof(run: BurnInRun) -> LoadProof:
    """Hour by hour with the minutes proven in each; read points as the requirement has them."""
    log, window = load_log(run), burn_in_window(run.requirement)
    start, end = run.started_at, run.finished_at
    proven = in_both(proven_by_both(log.temperature, log.voltage, window), [Interval(start, end)])
    return LoadProof(
        log=log,
        window=window,
        interruptions={
            OvenQuantity.TEMPERATURE: interruptions(
                log.temperature, temperature_limits(window), start, end
            ),
            OvenQuantity.VOLTAGE: interruptions(log.voltage, voltage_limits(window), start, end),
        },
        hours=_hours(log, proven, run),
        read_points=[
            ReadPoint(hours, reached_at(proven, hours))
            for hours in sorted(run.requirement.read_point_hours)
        ],
    )


def _hours(
    log: LoadLog, proven: list[Interval], run: BurnInRun
) -> list[tuple[LogHour, LogHour, float]]:
    pairs = zip(
        by_hour(log.temperature, run.started_at, run.finished_at),
        by_hour(log.voltage, run.started_at, run.finished_at),
        strict=True,
    )
    return [
        (celsius, volt, 60 * chargeable_hours(proven, celsius.start, celsius.start + HOUR))
        for celsius, volt in pairs
    ]
