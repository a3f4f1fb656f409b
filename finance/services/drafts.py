"""Drafts that nobody will approve: given up by whoever may prepare them."""

from __future__ import annotations

from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import User
from django.db import transaction

from finance.models import AssetPlan, CostVersion, PostingProfile, PostingRules, StepStage
from supplychain.base.errors import ForbiddenError, MissingError, RefusedError

Draft = AssetPlan | CostVersion | PostingProfile | PostingRules | StepStage


@transaction.atomic
def give_up_draft(*, draft: Draft, actor: User) -> None:
    """Delete what waits for approval with all its rows; somebody else may have prepared it.

    ForbiddenError without the right to prepare such; RefusedError once it is approved;
    MissingError when it was given up before.
    """
    kind = type(draft)
    called = kind._meta.verbose_name
    right = get_permission_codename("add", kind._meta)
    if not actor.has_perm(f"{kind._meta.app_label}.{right}"):
        raise ForbiddenError(f"{actor} may not give up drafts of this kind: {called}.")
    kept = kind.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if kept is None:
        raise MissingError(f"{draft} was given up before.")
    if kept.approved_at is not None:
        raise RefusedError(f"{kept} is approved, and stays. Prepare another that applies later.")
    if isinstance(kept, CostVersion):
        kept.costs.all().delete()
        kept.assumptions.all().delete()
    kept.delete()
