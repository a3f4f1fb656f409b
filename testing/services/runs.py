"""One tester session into rows and Parquet, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max, Q

from supplychain.base.errors import ConflictError
from testing.domain.identity import identified, stored_text
from testing.domain.records import RunRecord
from testing.domain.retest import Insertions, is_flagged_retest, retest_counts
from testing.domain.statements import LimitStatement
from testing.domain.words import EquipmentKind, RestatementCause, RetestPolicy
from testing.models import LotStep, Run, RunWafer
from testing.services import catalogue
from testing.services.copies import copies_of, supersede
from testing.services.lotsteps import locked_lot_step, mark_changed
from testing.services.readings import record_readings
from testing.services.restating import (
    add_counts,
    log_restatement,
    note_conflicts,
    serials_elsewhere,
)
from testing.services.results import NewResults, fresh_insertions, touched, write_results
from testing.services.standings import Fresh, Numbered, numbered, recorded, set_aside
from testing.services.stating import Told, settle_statements

NAME_CHARACTERS_MAX = 255


@dataclass(frozen=True, slots=True)
class Anew:
    """Who has a file recorded anew under another match, and why."""

    actor: User
    reason: str


def record_run(run: RunRecord, anew: Anew | None = None) -> Run:
    """Record a session once; the same source again gives the run that stands.

    One that was taken back does not stand: the source is recorded as its next edition.
    ConflictError when the source was recorded under another lot or step.
    """
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _record(run, stored, anew)
    except BaseException:
        for name in stored:
            default_storage.delete(name)
        raise


def _record(run: RunRecord, stored: list[str], anew: Anew | None) -> Run:
    lot_step = locked_lot_step(run.lot_id, run.step_id)
    editions = list(Run.objects.filter(source_sha256=run.source_sha256).order_by("edition"))
    standing = next((one for one in editions if not one.is_withdrawn), None)
    if standing is not None:
        return _same_place(standing, lot_step)
    row = _create_run(lot_step, run, len(editions) + 1)
    cause = _record_insertions(lot_step, row, run)
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
    stated: Mapping[int, LimitStatement] = {}
    if len(run.readings):
        known = catalogue.known_parameters(row, run.parameters)
        stored.append(record_readings(row, run, known.ids))
        stated = known.stated
    mark_changed(lot_step, run.started_at)
    if anew is None:
        log_restatement(lot_step, cause, row)
    else:
        why = RestatementCause.MATCHED_ANEW
        log_restatement(lot_step, why, row, anew.actor, anew.reason)
    is_repair = cause is RestatementCause.REPAIR
    replaced = set(row.superseded.values_list("pk", flat=True)) if is_repair else set()
    settle_statements(Told(row, stated, catalogue.stated_bins(run.bins)), replaced)
    return row


def _same_place(standing: Run, lot_step: LotStep) -> Run:
    if standing.lot_step_id != lot_step.pk:
        raise ConflictError(
            f"This file was recorded before, under {standing.lot_step}. "
            "Take that run back or match it anew, on its page.",
            source_sha256=standing.source_sha256,
        )
    return standing


def _create_run(lot_step: LotStep, run: RunRecord, edition: int) -> Run:
    return Run.objects.create(
        lot_step=lot_step,
        revision=catalogue.known_revision(run.product_id, run.program, run.program_revision),
        tester=catalogue.known_equipment(EquipmentKind.TESTER, run.tester, run.tester_model),
        probe_card=catalogue.named_equipment(EquipmentKind.PROBE_CARD, run.probe_card),
        load_board=catalogue.named_equipment(EquipmentKind.LOAD_BOARD, run.load_board),
        source_sha256=run.source_sha256,
        edition=edition,
        source_name=stored_text(run.source_name, NAME_CHARACTERS_MAX),
        sublot=stored_text(run.sublot, catalogue.NAME_CHARACTERS_MAX),
        temperature_celsius=catalogue.finite(run.temperature_celsius),
        started_at=run.started_at,
        finished_at=run.finished_at,
        is_partial=run.is_partial,
        rejected_count=run.rejected_count,
        doubt_count=run.doubt_count,
        insertion_count=len(run.parts),
        unit_count=0,
        first_pass_count=0,
        final_pass_count=0,
    )


def _record_insertions(lot_step: LotStep, row: Run, run: RunRecord) -> RestatementCause:
    """Every insertion in its place among all of the lot step; why the figures changed by it."""
    fresh = fresh_insertions(run, row.pk)
    cause = _cause(lot_step, row)
    copies = copies_of(row, run)
    if copies.better is None:
        wafers, found = _count_in(lot_step, row, fresh, copies.worse)
        write_results(NewResults(row, run, fresh, found.standings, found.keys))
        elsewhere = serials_elsewhere(lot_step, wafers, fresh.claims.part_id)
        note_conflicts(lot_step, wafers, [*found.conflicts, *elsewhere])
    else:
        cause = RestatementCause.COPY
        row.superseded_by = copies.better
        write_results(NewResults(row, run, fresh, None, {}))
    _count_alone(row, fresh, RetestPolicy(lot_step.policy))
    return RestatementCause.REPAIR if copies.worse else cause


def _cause(lot_step: LotStep, row: Run) -> RestatementCause:
    others = Run.objects.filter(lot_step=lot_step, is_withdrawn=False).exclude(pk=row.pk)
    latest = others.aggregate(latest=Max("started_at"))["latest"]
    if latest is None:
        return RestatementCause.FIRST
    return RestatementCause.LATE if row.started_at < latest else RestatementCause.MORE


def _count_in(
    lot_step: LotStep, row: Run, fresh: Fresh, worse: tuple[Run, ...]
) -> tuple[set[int], Numbered]:
    """Number the fresh insertions; those of worse copies count no more. The wafers looked at."""
    seen = recorded(lot_step, touched(fresh) | Q(run__in=worse))
    before = seen.counts()
    wafers = {*seen.claims.wafer.tolist(), *fresh.claims.wafer.tolist()}
    if worse:
        supersede(worse, row)
        seen = set_aside(seen, [run.pk for run in worse])
    found = numbered(lot_step, seen, fresh)
    add_counts(lot_step, before, found.counts)
    return wafers, found


def _count_alone(row: Run, fresh: Fresh, policy: RetestPolicy) -> None:
    """The run's own figures, as if it were the only one."""
    insertions = Insertions(
        identified(fresh.claims).unit, fresh.is_passed, is_flagged_retest(fresh.claims.part_flag)
    )
    counts = retest_counts(insertions, policy)
    row.unit_count = counts.units
    row.first_pass_count = counts.first_passed
    row.final_pass_count = counts.final_passed
    row.save(update_fields=["unit_count", "first_pass_count", "final_pass_count", "superseded_by"])
