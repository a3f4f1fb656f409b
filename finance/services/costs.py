"""Approval of standard costs."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from finance.domain.cost_table import changes_in_force, cost_name
from finance.domain.told import refuse_unseen
from finance.domain.words import PeriodState
from finance.models import CostVersion, Period
from finance.selectors.costs import costs_of, version_before
from finance.selectors.rollups import strayed_costs
from finance.selectors.told import told_costs
from supplychain.base.errors import ForbiddenError, RefusedError


@transaction.atomic
def approve_cost_version(
    *, version: CostVersion, approver: User, seen: str | None = None
) -> CostVersion:
    """From now on it is used, from its effective day, and frozen.

    ForbiddenError for its preparer; RefusedError when it was approved before, another applies
    from the same day, its costs are not what its assumptions, if any, come to, or it changes costs
    of a closed period; StaleError when it is not what was seen.
    """
    version = CostVersion.objects.select_for_update().get(pk=version.pk)
    if version.prepared_by_id == approver.pk:
        raise ForbiddenError("Nobody approves costs they prepared. Ask a colleague.")
    if version.approved_at is not None:
        raise RefusedError(f"Cost version {version.code} was approved before.")
    refuse_unseen(seen, told_costs(version))
    if strayed := strayed_costs(version):
        raise RefusedError(
            f"{len(strayed)} costs of {version.code} are not what its assumptions come to; the "
            f"first is {cost_name(*strayed[0])}. Roll it up again."
        )
    same_day = CostVersion.objects.filter(
        effective_on=version.effective_on, approved_at__isnull=False
    )
    if other := same_day.first():
        raise RefusedError(
            f"Cost version {other.code} applies from {version.effective_on} too. Give this one "
            "another day."
        )
    _refuse_changing_closed(version)
    version.approved_by, version.approved_at = approver, timezone.now()
    version.save(update_fields=["approved_by", "approved_at"])
    return version


def _refuse_changing_closed(version: CostVersion) -> None:
    """On days of a closed period it may add costs, which late facts may lack, and no more."""
    closed = Period.objects.filter(state=PeriodState.CLOSED, ends_on__gte=version.effective_on)
    last = closed.order_by("-starts_on").first()
    if last is None:
        return
    told = version_before(version.effective_on)
    if changed := changes_in_force(costs_of(told), costs_of(version)):
        first = changed[0]
        name = cost_name(first.item, first.stage, first.supplier)
        raise RefusedError(
            f"Period {last.code} is closed, and {version.code} has {len(changed)} costs otherwise "
            f"than they were in force there; the first is {name}. Let it "
            f"apply from a day after {last.ends_on}, or only add costs to those of {told}."
        )
