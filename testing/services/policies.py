"""Retest policies: prepared by one person, approved by another, and changed on a lot step."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from lots.models import Product, Step
from supplychain.base.errors import ConflictError, ForbiddenError, MissingError, RefusedError
from testing.domain.words import RestatementCause, RetestPolicy
from testing.models import LotStep, RetestRule
from testing.services.restating import restate_lot_step

PREPARE = "testing.add_retestrule"
APPROVE = "testing.approve_retestrule"
RESTATE = "testing.restate_lotstep"


@transaction.atomic
def prepare_retest_rule(
    *,
    product: Product,
    step_code: str,
    policy: RetestPolicy,
    valid_from: datetime,
    reason: str,
    actor: User,
) -> RetestRule:
    """A rule that nothing follows until another person approves it.

    ForbiddenError without the right; RefusedError without a reason; MissingError for a step that no
    route has; ConflictError where a rule of that product and step begins at that moment already.
    """
    _need(actor, PREPARE, "prepare retest rules")
    if not reason.strip():
        raise RefusedError("Say why these lots are judged by another policy.")
    if not Step.objects.filter(code=step_code).exists():
        raise MissingError(f"No route has a step {step_code}.")
    rule, is_new = RetestRule.objects.get_or_create(
        product=product,
        step_code=step_code,
        valid_from=valid_from,
        defaults={"policy": policy, "reason": reason.strip(), "prepared_by": actor},
    )
    if not is_new:
        raise ConflictError(
            f"A rule of {product.code} at {step_code} begins then already. Choose another moment."
        )
    return rule


@transaction.atomic
def approve_retest_rule(*, rule_id: int, actor: User) -> RetestRule:
    """From valid_from on, lot steps that are first made get its policy; others keep theirs.

    ForbiddenError without the right, and for who prepared it; RefusedError when it was approved
    before.
    """
    _need(actor, APPROVE, "approve retest rules")
    rule = _locked(rule_id)
    if rule.approved_at is not None:
        raise RefusedError("This rule was approved before. A change is a new rule.")
    if rule.prepared_by_id == actor.pk:
        raise ForbiddenError("Nobody approves a rule they prepared. Ask a colleague.")
    rule.approved_by, rule.approved_at = actor, timezone.now()
    rule.save(update_fields=["approved_by", "approved_at"])
    return rule


@transaction.atomic
def withdraw_retest_rule(*, rule_id: int, actor: User) -> None:
    """Take back what nobody approved yet; what was approved stays for good."""
    _need(actor, PREPARE, "withdraw retest rules")
    rule = _locked(rule_id)
    if rule.approved_at is not None:
        raise RefusedError("An approved rule stays as history. Prepare a newer one instead.")
    rule.delete()


@transaction.atomic
def change_policy(*, lot_step_id: int, policy: RetestPolicy, reason: str, actor: User) -> LotStep:
    """Judge a lot step by another policy; its figures are restated, with the reason.

    ForbiddenError without the right; RefusedError without a reason, and for the policy that stands.
    """
    _need(actor, RESTATE, "change the retest policy of a lot step")
    if not reason.strip():
        raise RefusedError("Say why this lot is judged by another policy.")
    lot_step = LotStep.objects.select_for_update(no_key=True).filter(pk=lot_step_id).first()
    if lot_step is None:
        raise MissingError("Nothing was tested of this lot at this step.")
    if lot_step.policy == policy:
        raise RefusedError(f"The figures stand under {policy} already.")
    return restate_lot_step(
        lot_step_id=lot_step_id,
        cause=RestatementCause.POLICY,
        policy=policy,
        actor=actor,
        reason=reason.strip(),
    )


def _locked(rule_id: int) -> RetestRule:
    rule = RetestRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise MissingError("There is no such retest rule; it may have been withdrawn.")
    return rule


def _need(actor: User, right: str, what: str) -> None:
    if not actor.has_perm(right):
        raise ForbiddenError(f"Your role may not {what}. Ask an administrator for the right.")
