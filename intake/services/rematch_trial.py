"""What matching a run anew would do: done for real and rolled back; and of many, where they go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction

from intake.domain.stdf.run import DecodedWafer
from intake.models import RawFile
from intake.services.matching import NewMatch, match, match_wafers
from intake.services.matching_many import ManyOutcome
from intake.services.previewing import LOCK_WAIT_MILLISECONDS, BusyError
from intake.services.rematching import (
    load_anew,
    locked_file,
    match_run_anew,
    point,
    require_right,
    require_stands,
    withdraw,
)
from intake.services.test_files import read_header
from lots.domain.words import LotState
from lots.models import Lot, Product
from lots.selectors import open_holds
from supplychain.base.errors import SupplychainError
from testing.models import LotStep, ReadingFile, Run
from testing.selectors import that_count
from testing.services import Withdrawal

RUNS_MAX = 50


@dataclass(frozen=True, slots=True)
class Figures:
    """Units of a lot at a step over all runs that count."""

    units: int
    first_passed: int
    final_passed: int


@dataclass(frozen=True, slots=True)
class StepEffect:
    """A lot step before and after. before: zeros where nothing was tested."""

    lot: str
    step: str
    before: Figures
    after: Figures


@dataclass(frozen=True, slots=True)
class RematchTrial:
    """effects: of the lot step it leaves, then of the one it comes to. notes: what to look at."""

    effects: tuple[StepEffect, ...]
    notes: tuple[str, ...]


def try_match_anew(*, run: Run, to: NewMatch, actor: User) -> RematchTrial:
    """Match a run anew, look at the figures, and take all of it back. Errors as when it is done."""
    require_right(actor)
    left = run.lot_step
    with ExitStack() as held, _taken_back():
        file = locked_file(run)
        fresh = load_anew(file, run, to, _trial_order(actor), held)
        stored = ReadingFile.objects.filter(run=fresh).values_list("path", flat=True).first()
        if stored is not None:
            _forget(stored)
        notes = _notes(file, fresh)
        after = [_stood(left.pk), _stood(fresh.lot_step_id)]
        steps = [left, fresh.lot_step]
    return RematchTrial(_effects(steps, after), notes)


def try_take_back(*, run: Run, actor: User) -> RematchTrial:
    """The same for taking back alone."""
    require_right(actor)
    with _taken_back():
        withdraw(locked_file(run), run, _trial_order(actor))
        after = [_stood(run.lot_step_id)]
    return RematchTrial(_effects([run.lot_step], after), ())


@contextmanager
def _taken_back() -> Iterator[None]:
    """A transaction that waits briefly for locks and is rolled back at the end."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('lock_timeout', %s, TRUE)", [f"{LOCK_WAIT_MILLISECONDS}ms"]
                )
            yield
            transaction.set_rollback(True)
    except OperationalError as error:
        raise BusyError("Others load the same lots now. Try again in a moment.") from error


@dataclass(frozen=True, slots=True)
class TriedRun:
    """Where a run's file would belong. lot, step: "" where it cannot be told, with the reason."""

    run: Run
    lot: str
    step: str
    reason: str

    @property
    def is_changed(self) -> bool:
        stands = self.run.lot_step
        return not self.reason and (self.lot, self.step) != (stands.lot.code, stands.step.code)


def try_match_many(*, run_ids: Sequence[int], to: NewMatch, actor: User) -> list[TriedRun]:
    """Where each file would go, by its front alone; nothing is loaded. At most RUNS_MAX."""
    require_right(actor)
    return [_tried(run, to, actor) for run in _picked(run_ids)]


def match_many_anew(
    *, run_ids: Sequence[int], to: NewMatch, reason: str, actor: User, op_key: str
) -> ManyOutcome:
    """Match each run anew by itself, as `match_run_anew` does; what failed is told."""
    done, refused = 0, []
    for run in _picked(run_ids):
        try:
            match_run_anew(run=run, to=to, reason=reason, actor=actor, op_key=f"{op_key}:{run.pk}")
            done += 1
        except SupplychainError as error:
            refused.append((run.source_name, error.detail))
    return ManyOutcome(done, tuple(refused))


def _picked(run_ids: Sequence[int]) -> list[Run]:
    rows = Run.objects.filter(pk__in=run_ids[:RUNS_MAX])
    return list(rows.select_related("lot_step__lot", "lot_step__step").order_by("pk"))


def _tried(run: Run, to: NewMatch, actor: User) -> TriedRun:
    try:
        with transaction.atomic():
            file = locked_file(run)
            require_stands(file, run)
            point(file, to, actor)
            header, of_units = read_header(file)
            found = match(file, header, of_units)
            names = [DecodedWafer(code) for code in file.summary.get("wafers", [])]
            match_wafers(found.lot, names, file.wafer_codes)
    except SupplychainError as error:
        return TriedRun(run, "", "", error.detail)
    return TriedRun(run, found.lot.code, found.step.code, "")


def _trial_order(actor: User) -> Withdrawal:
    return Withdrawal(actor, "tried", f"trial:{uuid4()}", "")


def _forget(path: str) -> None:
    """The Parquet file of a trial, while its lot steps are locked; one that is left is swept."""
    with suppress(OSError):
        default_storage.delete(path)


def _stood(lot_step_id: int) -> Figures:
    fields = ("unit_count", "first_pass_count", "final_pass_count")
    row = LotStep.objects.filter(pk=lot_step_id).values_list(*fields).first()
    return Figures(*row) if row else Figures(0, 0, 0)


def _effects(steps: Sequence[LotStep], after: Sequence[Figures]) -> tuple[StepEffect, ...]:
    """Asked once the trial is taken back, so that what stands is before."""
    found = {
        step.pk: StepEffect(step.lot.code, step.step.code, _stood(step.pk), figures)
        for step, figures in zip(steps, after, strict=True)
    }
    return tuple(found.values())


def _notes(file: RawFile, run: Run) -> tuple[str, ...]:
    """What fits badly, though it can be loaded."""
    lot = run.lot_step.lot
    notes = [*_product_notes(file, lot), *_lot_notes(lot)]
    results = run.results.filter(wafer__isnull=True)
    if unknown := results.filter(unit__isnull=True).count():
        notes.append(f"{unknown:,} results are of no unit that is known here.")
    if elsewhere := results.filter(unit__isnull=False).exclude(unit__lot=lot).count():
        notes.append(f"{elsewhere:,} results are of units that are not in lot {lot.code}.")
    if run.superseded_by_id:
        notes.append("A better copy of its session stands there, so it would not count.")
    if run.lot_step.runs.filter(that_count(), started_at=run.started_at).exclude(pk=run.pk):
        notes.append("Another run began there at the same moment.")
    return tuple(notes)


def _product_notes(file: RawFile, lot: Lot) -> list[str]:
    named = Product.objects.filter(code=file.summary.get("header", {}).get("part_type")).first()
    if named is None or named.pk == lot.product_id:
        return []
    return [f"The file is about {named}, and lot {lot.code} holds {lot.product}."]


def _lot_notes(lot: Lot) -> list[str]:
    notes = [f"Lot {lot.code} is {lot.state}."] if lot.state != LotState.ACTIVE else []
    if holds := open_holds(lot).count():
        notes.append(f"Lot {lot.code} has {holds} open hold{'s' if holds > 1 else ''}.")
    return notes
