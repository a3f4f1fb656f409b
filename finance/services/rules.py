"""Posting rules and stages of steps: begun by one person, approved by another."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from finance.domain.told import refuse_unseen
from finance.domain.words import PeriodState
from finance.models import Period, PostingRules, ScrapReason, StepStage
from finance.selectors.rules import (
    changes_by,
    is_posted_since,
    places,
    rules_before,
)
from finance.selectors.told import told_rules, told_stage
from finance.services.posting import locked_follower
from lots.models import Event
from supplychain.base.errors import ForbiddenError, RefusedError


def copy_reasons(*, rules: PostingRules) -> None:
    """A new draft begins with the reasons that apply until it does; there they are changed."""
    before = rules_before(rules)
    ScrapReason.objects.bulk_create(
        ScrapReason(
            rules=rules,
            reason=row.reason,
            is_normal=row.is_normal,
            is_missing=row.is_missing,
            comment=row.comment,
        )
        for row in (before.reasons.all() if before else ())
    )


@transaction.atomic
def approve_posting_rules(
    *, rules: PostingRules, approver: User, seen: str | None = None
) -> PostingRules:
    """From their day on events are posted by them, and they are frozen.

    ForbiddenError for their preparer; RefusedError when they were approved before, others apply
    from the same day, or they change what a reason means on days of a closed period or on days of
    which events are posted already; StaleError when they are not what was seen.
    """
    locked_follower()
    rules = PostingRules.objects.select_for_update().get(pk=rules.pk)
    if rules.prepared_by_id == approver.pk:
        raise ForbiddenError("Nobody approves posting rules they prepared. Ask a colleague.")
    if rules.approved_at is not None:
        raise RefusedError(f"Posting rules {rules.code} were approved before.")
    refuse_unseen(seen, told_rules(rules))
    approved = PostingRules.objects.filter(approved_at__isnull=False)
    if other := approved.filter(effective_on=rules.effective_on).first():
        raise RefusedError(
            f"Posting rules {other.code} apply from {rules.effective_on} too. Give these another "
            "day."
        )
    _refuse_changing_history(rules)
    rules.approved_by, rules.approved_at = approver, timezone.now()
    rules.save(update_fields=["approved_by", "approved_at"])
    return rules


def _refuse_changing_history(rules: PostingRules) -> None:
    """What a day's events were posted by stays, or it would matter when the poster ran."""
    changes = changes_by(rules)
    if not changes:
        return
    closed = Period.objects.filter(state=PeriodState.CLOSED, ends_on__gte=rules.effective_on)
    if last := closed.order_by("-starts_on").first():
        raise RefusedError(
            f"Period {last.code} is closed, and {rules.code} say of {changes[0].reason} something "
            f"else than was in force there. Let them apply from a day after {last.ends_on}."
        )
    if is_posted_since(rules.effective_on):
        raise RefusedError(
            f"Events of {rules.effective_on} or later are posted, and {rules.code} say of "
            f"{changes[0].reason} something else. Let them apply from a day that has not come."
        )


@transaction.atomic
def approve_step_stage(*, stage: StepStage, approver: User, seen: str | None = None) -> StepStage:
    """From now on lots that stand at the step are valued by it, and it never changes.

    ForbiddenError for its preparer; RefusedError when it was approved before, or would change how
    a step is valued at which lots were already; StaleError when it is not what was seen.
    """
    locked_follower()
    stage = StepStage.objects.select_for_update().get(pk=stage.pk)
    if stage.prepared_by_id == approver.pk:
        raise ForbiddenError("Nobody approves the stage of a step they prepared. Ask a colleague.")
    if stage.approved_at is not None:
        raise RefusedError(f"{stage} was approved before.")
    refuse_unseen(seen, told_stage(stage))
    before, after = places(), places(with_stage=stage)
    changed = {step for (step, unit), place in before.items() if after[step, unit] != place}
    if Event.objects.filter(Q(step_to__in=changed) | Q(step_from__in=changed)).exists():
        raise RefusedError(
            f"Lots came to {stage.step} already, and are valued otherwise there. Release a new "
            "version of the route, and give its step a stage before a lot comes to it."
        )
    stage.approved_by, stage.approved_at = approver, timezone.now()
    stage.save(update_fields=["approved_by", "approved_at"])
    return stage
