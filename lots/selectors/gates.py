"""Which gates stand between a lot and its next step, and the waivers that would open them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from lots.domain.gates import Grant, is_sampled
from lots.domain.words import Gate, GateMode, LotPurpose
from lots.models import Lot, Step, Waiver
from lots.selectors.rules import split_ancestors

Check = Callable[[Lot, Step], str]
"""What a lot lacks at a step, in words; "" when nothing."""

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
    there too. None on a route of free order, to another route, back, and for engineering lots.
    """
    is_own = from_step.route_version_id == lot.route_version_id
    route = lot.route_version if is_own else from_step.route_version
    is_off = from_step.route_version_id != to_step.route_version_id
    if route.is_free or lot.purpose == LotPurpose.ENGINEERING:
        return Step.objects.none()
    steps = Step.objects.filter(route_version=route, sequence__gte=from_step.sequence)
    if not is_off:
        steps = steps.filter(sequence__lt=to_step.sequence)
    elif not route.is_rework:
        steps = _left_by_version(steps, from_step, to_step)
    return steps.exclude(gate_mode=GateMode.OFF).order_by("sequence")


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
    """What the lot has not met of these steps on its way from one of them, in their order."""
    found = []
    for step in steps:
        if step.pk != from_step.pk:
            found.append(ClosedGate(Gate.STEP_ORDER, step, "the lot has not been there"))
        if missing := missing_results(lot, step):
            found.append(ClosedGate(Gate.RESULTS, step, missing))
    return found


def missing_results(lot: Lot, step: Step) -> str:
    """What results the step demands of this lot and has not; "" also where it is not sampled."""
    check = _checks.get(Gate.RESULTS)
    if check is None or not demands_results(lot, step):
        return ""
    return check(lot, step)


def demands_results(lot: Lot, step: Step) -> bool:
    """Whether the step wants results, and this lot is one of those measured."""
    return step.requires_results and is_sampled(lot.code, step.code, step.sampling_every)


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
