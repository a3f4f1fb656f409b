"""Posting profiles and the charts in them."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from finance.domain.journals import Chart, GeneralAccount
from finance.models import PostingProfile
from supplychain.base.errors import MissingError, RefusedError


def profile_in_force(day: date) -> PostingProfile:
    """RefusedError when none was approved for the day."""
    approved = _profiles().filter(approved_at__isnull=False, effective_on__lte=day)
    found = approved.order_by("-effective_on").first()
    if found is None:
        raise RefusedError(
            f"No posting profile is approved for {day}. Prepare one, and have it approved."
        )
    return found


def profile_by_code(code: str) -> PostingProfile:
    """MissingError for an unknown one."""
    found = _profiles().filter(code=code).first()
    if found is None:
        raise MissingError(f"There is no posting profile {code}.", profile=code)
    return found


def chart_of(profile: PostingProfile) -> Chart:
    """Its general accounts by our account and stage."""
    return {
        (row.account, row.stage_id or ""): GeneralAccount(row.number, row.name)
        for row in profile.accounts.all()
    }


def _profiles() -> QuerySet[PostingProfile]:
    return PostingProfile.objects.select_related("prepared_by")


def profiles() -> list[PostingProfile]:
    """All of them, the latest first day first."""
    return list(PostingProfile.objects.order_by("-effective_on", "-id"))
