"""Logs that an oven sends by itself, and the hours that they prove for its loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Max, QuerySet

from testing.domain.burnin import chargeable_hours
from testing.domain.burnin_series import Sample
from testing.domain.identity import stored_text
from testing.domain.words import OvenQuantity
from testing.models import (
    BurnInRecount,
    BurnInRequirement,
    BurnInRun,
    BurnInUnit,
    LotStep,
    OvenReading,
)
from testing.selectors.oven_logs import proven_time
from testing.services.burnin import BATCH_ROWS, locked_oven
from testing.services.lotsteps import mark_changed

NAME_CHARACTERS_MAX = 255


@dataclass(frozen=True, slots=True)
class OvenLog:
    """Samples of one oven from one file; a quantity that the file says nothing of has none."""

    oven: str
    temperature: Sequence[Sample]
    voltage: Sequence[Sample]
    source_sha256: str
    source_name: str


@transaction.atomic
def record_oven_log(log: OvenLog) -> list[BurnInRecount]:
    """Keep samples that are new, and recount every load of the oven that they touch.

    The same samples again change nothing. Samples of one instant that differ prove nothing.
    """
    oven = locked_oven(log.oven)
    OvenReading.objects.bulk_create(
        (
            OvenReading(
                oven=oven,
                quantity=quantity,
                measured_at=sample.at,
                value=sample.value,
                source_sha256=log.source_sha256,
            )
            for quantity, samples in (
                (OvenQuantity.TEMPERATURE, log.temperature),
                (OvenQuantity.VOLTAGE, log.voltage),
            )
            for sample in samples
        ),
        batch_size=BATCH_ROWS,
        ignore_conflicts=True,
    )
    runs = _touched_runs(oven.pk, [*log.temperature, *log.voltage])
    found = (recount_burn_in(run=run, log=log) for run in runs)
    return [recount for recount in found if recount is not None]


def _touched_runs(oven_id: int, samples: Sequence[Sample]) -> QuerySet[BurnInRun]:
    """Loads that the samples lie in, or no further from than the longest gap of any requirement."""
    gaps = BurnInRequirement.objects.aggregate(longest=Max("gap_minutes_max"))
    if not samples or gaps["longest"] is None:
        return BurnInRun.objects.none()
    near = timedelta(minutes=gaps["longest"])
    first, last = min(one.at for one in samples), max(one.at for one in samples)
    return (
        BurnInRun.objects.filter(
            oven=oven_id, started_at__lte=last + near, finished_at__gte=first - near
        )
        .select_related("requirement")
        .order_by("lot_step", "id")
    )


@transaction.atomic
def recount_burn_in(*, run: BurnInRun, log: OvenLog) -> BurnInRecount | None:
    """Hours of the load and its units from all that is known of the oven; None if none changed.

    The oven is locked by the caller.
    """
    intervals = proven_time(run)
    hours = chargeable_hours(intervals, run.started_at, run.finished_at)
    changed = []
    for unit in run.units.order_by("id"):
        own = chargeable_hours(intervals, unit.inserted_at, unit.removed_at)
        if own != unit.chargeable_hours:
            unit.chargeable_hours = own
            changed.append(unit)
    if hours == run.chargeable_hours and not changed:
        return None
    lot_step = LotStep.objects.select_for_update(no_key=True).get(pk=run.lot_step_id)
    recount = BurnInRecount.objects.create(
        run=run,
        hours_before=run.chargeable_hours,
        hours=hours,
        unit_count=len(changed),
        source_sha256=log.source_sha256,
        source_name=stored_text(log.source_name, NAME_CHARACTERS_MAX),
    )
    run.chargeable_hours = hours
    run.save(update_fields=["chargeable_hours"])
    BurnInUnit.objects.bulk_update(changed, ["chargeable_hours"], batch_size=BATCH_ROWS)
    mark_changed(lot_step, None)
    return recount
