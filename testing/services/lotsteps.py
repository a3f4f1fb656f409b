"""The row that everything measured of a lot at a step is recorded under, one load at a time."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from lots.models import Lot, Step
from supplychain.base.errors import RefusedError
from testing.domain.words import RetestPolicy
from testing.models import LotStep
from testing.selectors.policies import rules_valid


def locked_lot_step(lot_id: int, step_id: int) -> LotStep:
    """The lot step, made if absent and locked until the transaction ends; errors as below."""
    _make_lot_step(lot_id, step_id)
    return LotStep.objects.select_for_update(no_key=True).get(lot=lot_id, step=step_id)


def lot_step_id_of(lot_id: int, step_id: int) -> int:
    """The id of the lot step, made if absent; errors as below."""
    _make_lot_step(lot_id, step_id)
    return LotStep.objects.values_list("pk", flat=True).get(lot=lot_id, step=step_id)


def _make_lot_step(lot_id: int, step_id: int) -> None:
    """Make the lot step if it is absent.

    A new one gets the retest policy that is in force for its product and step now.
    RefusedError for a step that is not on the lot's route.
    """
    step = Step.objects.only("code", "route_version_id").get(pk=step_id)
    rules = rules_valid(OuterRef("product"), step.code, timezone.now())
    lots = Lot.objects.annotate(retest_policy=Subquery(rules.values("policy")[:1]))
    lot = lots.only("code", "route_version_id").get(pk=lot_id)
    if lot.route_version_id != step.route_version_id:
        raise RefusedError(
            f"Step {step.code} is not on the route of lot {lot.code}. "
            "Match the file to a step of its route.",
            lot=lot.code,
            step=step.code,
        )
    policy = lot.retest_policy or RetestPolicy.LAST
    LotStep.objects.bulk_create([LotStep(lot=lot, step=step, policy=policy)], ignore_conflicts=True)


def mark_changed(lot_step: LotStep, started_at: datetime | None) -> None:
    """Raise the revision, so that whoever computes from the results sees that they are newer."""
    lot_step.revision += 1
    if started_at is not None:
        lot_step.first_started_at = min(lot_step.first_started_at or started_at, started_at)
    lot_step.changed_at = Now()
    lot_step.save()
