"""Which gates stand between a lot and its next step, and the waivers that would open them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from lots.domain.gates import Grant, is_sampled
from lots.domain.words import Gate, GateMode, LotPurpose, StepKind
from lots.models import Lot, Step, Waiver
from lots.selectors.rules import families_of, split_ancestors

Check = Callable[[Lot, Step], str]
"""What a lot lacks at a step, in words; "" when nothing."""

_STEPS_BEEN_AT = (
    Path(__file__).resolve().parent.parent / "sql" / "lots_steps_been_at.sql"
).read_text()
_checks: dict[Gate, Check] = {}


@dataclass(frozen=True, slots=True)
class ClosedGate:
    """A demand of a step that a lot has not met. missing: what it lacks, in words."""

    gate: Gate
    step: Step
    missing: str

    @property
    def is_stop(self) -> bool:
        return self.step.gate_mode == GateMode.STOP

    def __str__(self) -> str:
        return f"{self.step.code}: {self.missing}"


def register_gate(gate: Gate, check: Check) -> None:
    """Say how a gate is checked; call it from an app's ready(). A later check replaces."""
    _checks[gate] = check


def steps_left(lot: Lot, from_step: Step, to_step: Step) -> QuerySet[Step]:
    """The step left and those left out on the way to a later one, gates switched off apart.

    Off a rework route: all that is left of it. To another version: what stands before the step
    there too. To another route: the step left, and all that route has before the step. None on a
    route of free order, back, and for engineering lots.
    """
    is_own = from_step.route_version_id == lot.route_version_id
    route = lot.route_version if is_own else from_step.route_version
    is_off = from_step.route_version_id != to_step.route_version_id
    if lot.purpose == LotPurpose.ENGINEERING:
        return Step.objects.none()
    there = to_step.route_version
    if route.route_id != there.route_id and not (route.is_rework or there.is_rework):
        steps = _before_on_another(from_step, to_step)
    elif route.is_free:
        return Step.objects.none()
    else:
        steps = Step.objects.filter(route_version=route, sequence__gte=from_step.sequence)
        if not is_off:
            steps = steps.filter(sequence__lt=to_step.sequence)
        elif not route.is_rework:
            steps = _left_by_version(steps, from_step, to_step)
    return _with_gates(steps)


def steps_behind(lot: Lot) -> QuerySet[Step]:
    """What a lot of production would have come through to where it stands; none on a free route."""
    if lot.route_version.is_free:
        return Step.objects.none()
    version = lot.route_version_id
    return _with_gates(Step.objects.filter(route_version=version, sequence__lt=lot.step.sequence))


def step_stood_at(lot: Lot) -> QuerySet[Step]:
    """Where the lot stands, for parts that are taken from it there; none for engineering lots."""
    if lot.route_version.is_free or lot.purpose == LotPurpose.ENGINEERING:
        return Step.objects.none()
    return _with_gates(Step.objects.filter(pk=lot.step_id))


def _with_gates(steps: QuerySet[Step]) -> QuerySet[Step]:
    rows = steps.exclude(gate_mode=GateMode.OFF).select_related("route_version")
    return rows.order_by("route_version", "sequence")


def _before_on_another(from_step: Step, to_step: Step) -> QuerySet[Step]:
    """The step left, and what comes before the step on its route; routes of free order ask none."""
    there, wanted = to_step.route_version, Q()
    if not there.is_free:
        wanted |= Q(route_version=there, sequence__lt=to_step.sequence)
    if not from_step.route_version.is_free:
        wanted |= Q(pk=from_step.pk)
    return Step.objects.filter(wanted) if wanted else Step.objects.none()


def steps_before_customer(lot: Lot) -> QuerySet[Step]:
    """What a lot must be through that goes to a customer: where it stands, and what its route

    has before its last step of shipping or stock; off a rework route, all that is left of it.
    Gates switched off apart; none on a route of free order, and for engineering lots.
    """
    if lot.route_version.is_free or lot.purpose == LotPurpose.ENGINEERING:
        return Step.objects.none()
    ahead = Step.objects.filter(
        route_version=lot.route_version_id, sequence__gte=lot.step.sequence
    ).order_by("sequence")
    if not lot.route_version.is_rework:
        last = ahead.filter(kind__in=[StepKind.SHIP, StepKind.STOCK]).last()
        end = last.sequence if last else lot.step.sequence
        ahead = ahead.filter(Q(pk=lot.step_id) | Q(sequence__lt=end))
    return _with_gates(ahead)


def _left_by_version(steps: QuerySet[Step], from_step: Step, to_step: Step) -> QuerySet[Step]:
    """Of these, the ones that the other version of the same route has before the step too."""
    there = to_step.route_version
    ahead = there.steps.filter(sequence__gte=to_step.sequence, code=from_step.code)
    if there.route_id != from_step.route_version.route_id or ahead.exists():
        return steps.none()
    passed = there.steps.filter(sequence__lt=to_step.sequence)
    return steps.filter(code__in=passed.values("code"))


def guarded(steps: QuerySet[Step]) -> QuerySet[Step]:
    """Of these, the ones that stop a lot, or where a pass may be noted under a waiver."""
    waivers = Waiver.objects.filter(
        step=OuterRef("pk"), approved_at__isnull=False, revoked_at__isnull=True
    )
    return steps.filter(Q(gate_mode=GateMode.STOP) | Exists(waivers))


def closed_gates(lot: Lot, from_step: Step, steps: Iterable[Step]) -> list[ClosedGate]:
    """What the lot has not met of these steps on its way from where it stands, in their order.

    A step of another route was passed at one of the same code.
    """
    found = []
    steps = list(steps)
    own = from_step.route_version.route_id
    been = _steps_been_at(lot) if any(step.pk != from_step.pk for step in steps) else set()
    codes = {code for _, code in been}
    for step in steps:
        is_foreign = step.route_version.route_id != own
        was_there = step.code in codes if is_foreign else (own, step.code) in been
        if step.pk != from_step.pk and not was_there:
            found.append(ClosedGate(Gate.STEP_ORDER, step, "the lot has not been there"))
        if missing := missing_results(lot, step):
            found.append(ClosedGate(Gate.RESULTS, step, missing))
    return found


def _steps_been_at(lot: Lot) -> set[tuple[int, str]]:
    """Route and code of each step that the lot, or one it was split from, came to before.

    On rework: since it went there. What was corrected does not count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _STEPS_BEEN_AT, {"lot": lot.pk, "is_rework": lot.rework_return_step_id is not None}
        )
        return set(cursor.fetchall())


def missing_results(lot: Lot, step: Step) -> str:
    """What results the step demands of this lot and has not; "" also where it is not sampled."""
    check = _checks.get(Gate.RESULTS)
    if check is None or not demands_results(lot, step):
        return ""
    return check(lot, step)


def demands_results(lot: Lot, step: Step, family: str = "") -> bool:
    """Whether the step wants results, and this lot is one of those measured.

    What was split off shares the decision on the lot that it came from first. family: the code of
    that lot, where it is known.
    """
    if not step.requires_results or step.sampling_every == 1:
        return step.requires_results
    family = family or families_of([lot.pk]).get(lot.pk, lot.code)
    return is_sampled(family, step.code, step.sampling_every)


def waivers_of(lot: Lot) -> QuerySet[Waiver]:
    """Waivers for the lot, for one it was split from, or for its product; newest first."""
    return (
        Waiver.objects.select_related("step", "lot", "product", "requested_by", "approved_by")
        .filter(Q(lot__in=split_ancestors(lot)) | Q(product=lot.product_id))
        .order_by("-id")
    )


def grant_of(waiver: Waiver) -> Grant:
    """The waiver as the rules see it."""
    return Grant(
        is_approved=waiver.approved_at is not None,
        is_revoked=waiver.revoked_at is not None,
        valid_from=waiver.valid_from,
        valid_to=waiver.valid_to,
        left=waiver.quantity - waiver.used,
    )
