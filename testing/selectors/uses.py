"""What was tested of things that a correction would take back."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from lots.selectors.uses import Origin
from testing.models import BurnInRun, BurnInUnit, Run, RunWafer, UnitResult
from testing.selectors.counting import that_count


def first_test(origin: Origin) -> str:
    """The first test or oven load of any of them, in words; "" for none.

    A better copy's predecessor is not looked at: the copy tells the same.
    """
    seen = Q() if origin.since is None else Q(run__started_at__gte=origin.since)
    results = UnitResult.objects.filter(that_count("run"), seen, unit__in=origin.units)
    burnt = BurnInUnit.objects.filter(seen, unit__in=origin.units)
    for rows in (results, burnt):
        row: Any = rows.select_related("unit", "run__lot_step__step").order_by("id").first()
        if row is not None:
            return f"{row.unit} was tested at {row.run.lot_step.step.code} in {_named(row.run)}"
    wafers = RunWafer.objects.filter(that_count("run"), seen, wafer__in=origin.wafer_ids)
    wafer = wafers.select_related("wafer", "run__lot_step__step").order_by("id").first()
    if wafer is not None:
        return f"{wafer.wafer} was tested at {wafer.run.lot_step.step.code} in {_named(wafer.run)}"
    return _of_lot(origin) if origin.lot else ""


def _of_lot(origin: Origin) -> str:
    runs: list[QuerySet[Any]] = [Run.objects.filter(that_count()), BurnInRun.objects.all()]
    for rows in runs:
        own = rows.filter(lot_step__lot=origin.lot).select_related("lot_step__step")
        if origin.since is not None:
            own = own.filter(started_at__gte=origin.since)
        run = own.order_by("id").first()
        if run is not None:
            step = run.lot_step.step.code
            return f"lot {origin.lot} was tested at {step} in {_named(run)}"
    return ""


def _named(run: Run | BurnInRun) -> str:
    what = run.source_name if isinstance(run, Run) else f"oven {run.oven}"
    return f"{what}, {run.started_at:%Y-%m-%d %H:%M} UTC"
