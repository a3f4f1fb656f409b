"""Approval of posting profiles."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from finance.domain.journals import without_number
from finance.domain.told import refuse_unseen
from finance.domain.words import PeriodState
from finance.models import Period, PostingProfile
from finance.selectors.profiles import chart_of
from finance.selectors.told import told_profile
from finance.services.posting import locked_follower
from supplychain.base.errors import ForbiddenError, RefusedError


@transaction.atomic
def approve_posting_profile(
    *, profile: PostingProfile, approver: User, seen: str | None = None
) -> PostingProfile:
    """From now on the journals of periods that end on its day or later follow it; it is frozen.

    ForbiddenError for its preparer; RefusedError when it was approved before, another applies
    from the same day, a period it would apply to is closed, or an account has no number for
    every stage; StaleError when it is not what was seen.
    """
    locked_follower()  # a close holds it, too: none comes between the look and the approval
    profile = PostingProfile.objects.select_for_update().get(pk=profile.pk)
    if profile.prepared_by_id == approver.pk:
        raise ForbiddenError("Nobody approves a posting profile they prepared. Ask a colleague.")
    if profile.approved_at is not None:
        raise RefusedError(f"Posting profile {profile.code} was approved before.")
    refuse_unseen(seen, told_profile(profile))
    approved = PostingProfile.objects.filter(approved_at__isnull=False)
    if other := approved.filter(effective_on=profile.effective_on).first():
        raise RefusedError(
            f"Posting profile {other.code} applies from {profile.effective_on} too. Give this one "
            "another day."
        )
    closed = Period.objects.filter(state=PeriodState.CLOSED, ends_on__gte=profile.effective_on)
    if last := closed.order_by("-starts_on").first():
        raise RefusedError(
            f"Period {last.code} is closed, and its journal is told for ever. Let posting profile "
            f"{profile.code} apply from a day after {last.ends_on}."
        )
    if missing := without_number(chart_of(profile)):
        raise RefusedError(
            f"Posting profile {profile.code} has no number for: {', '.join(missing)}. "
            "Give each one for every stage; single stages may have others beside."
        )
    profile.approved_by, profile.approved_at = approver, timezone.now()
    profile.save(update_fields=["approved_by", "approved_at"])
    return profile
