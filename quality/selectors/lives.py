"""Life under burn-in as it was proven: hours of every unit, and what each lot lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from lots.domain.words import LotPurpose, StepKind
from lots.models import Product, Step
from quality.domain.burn_in_plans import (
    METHOD,
    Assumed,
    Lives,
    Plan,
    Rate,
    burn_in_plans,
    defective_ppm_bound,
    fitted_life,
    hours_needed,
    rate_bound,
    sensitivity,
    units_to_prove,
)
from quality.domain.reliability import Weibull, kaplan_meier
from supplychain.base.errors import MissingError
from testing.domain.faults import Fallout
from testing.domain.words import Outcome
from testing.models import BurnInRequirement, BurnInUnit, LotStep
from testing.selectors.burnin import burn_in_fallout

LOADS_MAX = 200_000
"""The newest loads of units that are read."""
LOTS_MAX = 60
SHARES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
"""Durations that are weighed, in parts of what is required."""


@dataclass(frozen=True, slots=True)
class LotLost:
    """What burn-in cost a lot against what it may (PDA)."""

    lot: str
    step: str
    finished_at: datetime
    fallout: Fallout


@dataclass(frozen=True, slots=True)
class Reliability:
    """Everything that follows from the lives and the assumptions.

    needed: None: no burn-in leaves so few. proof: units that prove ppm_max with as many fails as
    there were. survival: (hours, share) of Kaplan and Meier. lots: oldest first.
    """

    assumed: Assumed
    lives: Lives
    requirement: BurnInRequirement | None
    rate: Rate | None
    sensitivity: Sequence[Rate]
    defective_ppm: float
    proof: int
    life: Weibull | None
    survival: Sequence[tuple[float, float]]
    plans: Sequence[Plan]
    needed: float | None
    lots: Sequence[LotLost]
    method: str = METHOD


def burnt_in_products() -> QuerySet[Product]:
    """Products of which units were burnt in."""
    burnt = BurnInUnit.objects.order_by().values("run__lot_step__lot__product").distinct()
    return Product.objects.filter(pk__in=burnt).order_by("code")


def requirement_of(product: Product, step_code: str) -> BurnInRequirement | None:
    """What counts for new loads: that of the step before that for any."""
    rows = BurnInRequirement.objects.filter(product=product, step_code__in={step_code, ""})
    return rows.order_by("-step_code", "-version").first()


def reliability(product: Product, step_code: str, assumed: Assumed) -> Reliability:
    """step_code: "" for every burn-in step. MissingError for a code of none. Five queries."""
    if step_code:
        _require_burn_in(step_code)
    lives = lives_of(product, step_code)
    requirement = requirement_of(product, step_code)
    life = fitted_life(lives)
    required = requirement.hours if requirement else max((*lives.passed, 24.0))
    fails = len(lives.failed)
    return Reliability(
        assumed=assumed,
        lives=lives,
        requirement=requirement,
        rate=rate_bound(lives, assumed),
        sensitivity=sensitivity(lives, assumed),
        defective_ppm=defective_ppm_bound(lives, assumed.confidence),
        proof=units_to_prove(fails, assumed.ppm_max, assumed.confidence),
        life=life,
        survival=kaplan_meier(lives.failed, lives.passed) if lives.failed else [],
        plans=burn_in_plans(life, [share * required for share in SHARES], assumed) if life else [],
        needed=hours_needed(life, assumed) if life else None,
        lots=lots_lost(product, step_code),
    )


def _require_burn_in(code: str) -> None:
    known = Step.objects.filter(kind=StepKind.BURN_IN).order_by("code")
    codes = list(known.values_list("code", flat=True).distinct())
    if code not in codes:
        raise MissingError(f"{code} is no burn-in step. Known: {', '.join(codes)}.", step=code)


def lives_of(product: Product, step_code: str = "") -> Lives:
    """Every unit once, over all its loads; a unit that passed in its last load did not fail.

    Engineering lots are left out.
    """
    rows = BurnInUnit.objects.filter(run__lot_step__lot__product=product)
    rows = rows.exclude(run__lot_step__lot__purpose=LotPurpose.ENGINEERING)
    if step_code:
        rows = rows.filter(run__lot_step__step__code=step_code)
    hours: dict[int, float] = {}
    is_failed: dict[int, bool] = {}
    newest = rows.order_by("-removed_at", "-pk")
    for unit, proven, outcome in newest.values_list("unit", "chargeable_hours", "outcome")[
        :LOADS_MAX
    ]:
        hours[unit] = hours.get(unit, 0.0) + proven
        is_failed.setdefault(unit, outcome != Outcome.PASS)
    return Lives(
        failed=tuple(sorted(hours[unit] for unit in hours if is_failed[unit] and hours[unit] > 0)),
        passed=tuple(
            sorted(hours[unit] for unit in hours if not is_failed[unit] and hours[unit] > 0)
        ),
        left_out=sum(one <= 0 for one in hours.values()),
    )


def lots_lost(product: Product, step_code: str = "") -> list[LotLost]:
    """The newest lots through burn-in, oldest first, each with what it lost."""
    rows = LotStep.objects.filter(lot__product=product, burn_in_runs__isnull=False)
    rows = rows.exclude(lot__purpose=LotPurpose.ENGINEERING)
    if step_code:
        rows = rows.filter(step__code=step_code)
    newest = rows.annotate(finished_at=Max("burn_in_runs__finished_at")).order_by("-finished_at")
    steps = list(newest.select_related("lot", "step")[:LOTS_MAX])[::-1]
    fallout = burn_in_fallout([one.pk for one in steps])
    return [
        LotLost(one.lot.code, one.step.code, vars(one)["finished_at"], fallout[one.pk].judged)
        for one in steps
        if one.pk in fallout
    ]
