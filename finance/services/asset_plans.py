"""Plans of assets: imported whole as a draft, and approved by another."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from finance.domain.errors import FrozenCostError
from finance.domain.plan_table import PlanTable
from finance.domain.told import refuse_unseen
from finance.models import AssetPlan, AssetPlanLine
from finance.selectors.told import told_plan
from finance.services.cost_import import refuse_faults
from supplychain.base.errors import ForbiddenError, RefusedError

PREPARE, APPROVE = "finance.add_assetplan", "finance.approve_assetplan"


@transaction.atomic
def import_asset_plan(
    *, code: str, effective_on: date, table: PlanTable, preparer: User
) -> AssetPlan:
    """A new plan with the lines of the table, all or none. Someone else approves it.

    RefusedError while a row is at fault, or there is none; FrozenCostError for a code that is
    taken; ForbiddenError for who may not prepare plans.
    """
    if not preparer.has_perm(PREPARE):
        raise ForbiddenError(f"{preparer} may not prepare plans of assets.")
    refuse_faults(table.faults)
    if not table.lines:
        raise RefusedError("The table has no row. Nothing was imported.")
    plan, is_new = AssetPlan.objects.get_or_create(
        code=code, defaults={"effective_on": effective_on, "prepared_by": preparer}
    )
    if not is_new:
        raise FrozenCostError(
            f"There is a plan of assets {code} already. Import under a new code.", plan=code
        )
    AssetPlanLine.objects.bulk_create(
        AssetPlanLine(
            plan=plan,
            item_id=item,
            month_id=month,
            quantity=planned.quantity,
            unit_cost=planned.unit_cost,
            chip_cost=planned.chip_cost,
            megawatt_cost=planned.megawatt_cost,
        )
        for (item, month), planned in table.lines.items()
    )
    return plan


@transaction.atomic
def approve_asset_plan(*, plan: AssetPlan, approver: User, seen: str | None = None) -> AssetPlan:
    """From its day on assets are compared with it, and it is frozen.

    ForbiddenError for its preparer, and without the right; RefusedError when it was approved
    before, has no line, or another applies from the same day; StaleError when it is not what was
    seen.
    """
    if not approver.has_perm(APPROVE):
        raise ForbiddenError(f"{approver} may not approve plans of assets.")
    plan = AssetPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.prepared_by_id == approver.pk:
        raise ForbiddenError("Nobody approves a plan they prepared. Ask a colleague.")
    if plan.approved_at is not None:
        raise RefusedError(f"Plan {plan.code} was approved before.")
    refuse_unseen(seen, told_plan(plan))
    if not plan.lines.exists():
        raise RefusedError(f"Plan {plan.code} has no line. Import a table first.")
    approved = AssetPlan.objects.filter(approved_at__isnull=False)
    if other := approved.filter(effective_on=plan.effective_on).first():
        raise RefusedError(
            f"Plan {other.code} applies from {plan.effective_on} too. Give this one another day."
        )
    plan.approved_by, plan.approved_at = approver, timezone.now()
    plan.save(update_fields=["approved_by", "approved_at"])
    return plan
