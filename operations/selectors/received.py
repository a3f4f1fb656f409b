"""What test results a lot's route expects, what came, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from intake.domain.words import OWED_STATES, TEST_KINDS
from intake.models import RawFile
from lots.domain.words import LotKind, StepKind
from lots.models import Lot, Step
from lots.selectors.gates import demands_results
from testing.domain.words import IdentityQuality
from testing.models import BurnInRun, Run
from testing.selectors import Coverage, coverage_of_lots

NAMED_MAX = 12


@dataclass(frozen=True, slots=True)
class StepResults:
    """One step. coverage: None where nothing can be counted.

    state: `complete`, `missing`, `due` (the lot is not past it), or `not-sampled`.
    """

    step: Step
    state: str
    coverage: Coverage | None
    runs: Sequence[Run]
    burn_ins: Sequence[BurnInRun]

    @property
    def identity(self) -> IdentityQuality:
        """How sure it is which insertions are of one unit."""
        lot_step = self.runs[0].lot_step if self.runs else None
        return IdentityQuality(lot_step.identity) if lot_step else IdentityQuality.UNDISPUTED

    @property
    def received(self) -> int:
        """Wafers or units with results."""
        return self.coverage.expected - len(self.coverage.missing) if self.coverage else 0

    @property
    def missing_names(self) -> Sequence[str]:
        """The first of those without."""
        return self.coverage.missing[:NAMED_MAX] if self.coverage else ()


def results_of_lot(lot: Lot) -> list[StepResults]:
    """Steps of the lot's route that demand results or have some, in order of the route."""
    runs: dict[int, list[Run]] = defaultdict(list)
    for run in Run.objects.filter(lot_step__lot=lot, is_withdrawn=False).select_related(
        "lot_step", "tester", "raw_file"
    ):
        runs[run.lot_step.step_id].append(run)
    burn_ins: dict[int, list[BurnInRun]] = defaultdict(list)
    for load in BurnInRun.objects.filter(lot_step__lot=lot).select_related("lot_step", "oven"):
        burn_ins[load.lot_step.step_id].append(load)
    return [
        _step_results(lot, step, runs[step.pk], burn_ins[step.pk])
        for step in Step.objects.filter(route_version=lot.route_version_id).order_by("sequence")
        if _is_meant(lot, step) or runs[step.pk] or burn_ins[step.pk]
    ]


def _is_meant(lot: Lot, step: Step) -> bool:
    """Sort is for wafers; after dicing the lot has none."""
    return step.requires_results and (step.kind != StepKind.SORT or lot.kind == LotKind.WAFER)


def _step_results(
    lot: Lot, step: Step, runs: Sequence[Run], burn_ins: Sequence[BurnInRun]
) -> StepResults:
    found = coverage_of_lots(step.code, step.kind, [lot.pk]).get(lot.pk)
    return StepResults(step, _state(lot, step, found), found, runs, burn_ins)


def _state(lot: Lot, step: Step, found: Coverage | None) -> str:
    if found is not None and not found.missing:
        return "complete"
    if not _is_meant(lot, step) or not demands_results(lot, step):
        return "not-sampled"
    return "missing" if lot.step.sequence > step.sequence else "due"


def files_waiting_for(lot: Lot) -> QuerySet[RawFile]:
    """Test files that name the lot, or were matched to it, and are not loaded."""
    owed = RawFile.objects.filter(kind__in=TEST_KINDS, state__in=OWED_STATES)
    return (owed.filter(lot=lot) | owed.filter(summary__header__lot=lot.code)).order_by("pk")[:50]
