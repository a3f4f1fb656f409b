"""One tester session into rows and Parquet, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.core.files.storage import default_storage
from django.db import transaction
from numpy.typing import NDArray

from supplychain.base.copying import copy_rows
from supplychain.base.errors import ConflictError
from testing.domain.identity import stored_text
from testing.domain.records import Readings, RunRecord
from testing.domain.retest import Insertion, retest_counts
from testing.domain.summaries import summarise_readings
from testing.domain.words import EquipmentKind
from testing.models import LotStep, ReadingSummary, Run, RunWafer
from testing.services import catalogue
from testing.services.lotsteps import locked_lot_step, mark_changed
from testing.services.readings import store_readings
from testing.services.results import POLICY, insertions_of, record_results

NAME_CHARACTERS_MAX = 255
SUMMARY_COLUMNS = {
    "run_id": "int8",
    "parameter_id": "int8",
    "site": "int2",
    "count": "int4",
    "fail_count": "int4",
    "mean": "float8",
    "deviation": "float8",
    "minimum": "float8",
    "quartile_low": "float8",
    "median": "float8",
    "quartile_high": "float8",
    "maximum": "float8",
}


def record_run(run: RunRecord) -> Run:
    """Record a session once; the same source again gives the run that stands.

    ConflictError when the source was recorded under another lot or step.
    """
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _record(run, stored)
    except BaseException:
        for name in stored:
            default_storage.delete(name)
        raise


def _record(run: RunRecord, stored: list[str]) -> Run:
    lot_step = locked_lot_step(run.lot_id, run.step_id)
    standing = Run.objects.filter(source_sha256=run.source_sha256).first()
    if standing is not None:
        return _same_place(standing, lot_step)
    row, insertions = _create_run(lot_step, run)
    record_results(row, run, insertions)
    RunWafer.objects.bulk_create(
        RunWafer(
            run=row,
            wafer_id=wafer.wafer_id,
            started_at=wafer.started_at,
            finished_at=wafer.finished_at,
            part_count=wafer.part_count,
            good_count=wafer.good_count,
        )
        for wafer in {wafer.wafer_id: wafer for wafer in run.wafers}.values()
    )
    catalogue.add_bins(row.revision, run.bins)
    if len(run.readings):
        parameter_ids = catalogue.parameter_ids(row.revision, run.parameters)
        _record_summaries(row, run, parameter_ids)
        stored.append(store_readings(row, run, parameter_ids))
    mark_changed(lot_step, run.started_at)
    return row


def _same_place(standing: Run, lot_step: LotStep) -> Run:
    if standing.lot_step_id != lot_step.pk:
        raise ConflictError(
            f"This file was recorded before, under {standing.lot_step}. "
            "Match it to the same lot and step.",
            source_sha256=standing.source_sha256,
        )
    return standing


def _create_run(lot_step: LotStep, run: RunRecord) -> tuple[Run, Sequence[Insertion]]:
    row = Run.objects.create(
        lot_step=lot_step,
        revision=catalogue.known_revision(run.product_id, run.program, run.program_revision),
        tester=catalogue.known_equipment(EquipmentKind.TESTER, run.tester, run.tester_model),
        probe_card=catalogue.named_equipment(EquipmentKind.PROBE_CARD, run.probe_card),
        load_board=catalogue.named_equipment(EquipmentKind.LOAD_BOARD, run.load_board),
        source_sha256=run.source_sha256,
        source_name=stored_text(run.source_name, NAME_CHARACTERS_MAX),
        sublot=stored_text(run.sublot, catalogue.NAME_CHARACTERS_MAX),
        temperature_celsius=catalogue.finite(run.temperature_celsius),
        started_at=run.started_at,
        finished_at=run.finished_at,
        is_partial=run.is_partial,
        insertion_count=len(run.parts),
        unit_count=0,
        first_pass_count=0,
        final_pass_count=0,
    )
    insertions = insertions_of(run, row.pk)
    counts = retest_counts(insertions, POLICY)
    row.unit_count = counts.units
    row.first_pass_count = counts.first_passed
    row.final_pass_count = counts.final_passed
    row.save(update_fields=["unit_count", "first_pass_count", "final_pass_count"])
    return row, insertions


def _record_summaries(row: Run, run: RunRecord, parameter_ids: NDArray[np.int64]) -> None:
    """Summed up by our parameter, as several of the file's may be one of ours."""
    ours, place = np.unique(parameter_ids, return_inverse=True)
    readings = Readings(
        part_index=run.readings.part_index,
        parameter_index=place[run.readings.parameter_index].astype(np.int32),
        value=run.readings.value,
        flag=run.readings.flag,
        outcome=run.readings.outcome,
    )
    sums = summarise_readings(readings, run.parts.site)
    statistics = [
        sums.mean, sums.deviation, sums.minimum, sums.quartile_low, sums.median,
        sums.quartile_high, sums.maximum,
    ]  # fmt: skip
    rows = zip(
        [row.pk] * len(sums.count),
        ours[sums.parameter_index].tolist(),
        sums.site.tolist(),
        sums.count.tolist(),
        sums.fail_count.tolist(),
        *(_nullable(column) for column in statistics),
        strict=True,
    )
    copy_rows(ReadingSummary, SUMMARY_COLUMNS, rows)


def _nullable(column: NDArray[np.float64]) -> list[float | None]:
    return [
        value if ok else None
        for value, ok in zip(column.tolist(), np.isfinite(column), strict=True)
    ]
