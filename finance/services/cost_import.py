"""Standard costs out of a table, as a version that waits for its approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction

from finance.domain.cost_table import Cost, CostTable, Key
from finance.domain.errors import FrozenCostError
from finance.domain.tables import Fault
from finance.models import CostVersion, StandardCost
from supplychain.base.errors import ForbiddenError, RefusedError

RIGHT = "finance.add_costversion"


@transaction.atomic
def import_costs(*, code: str, effective_on: date, table: CostTable, preparer: User) -> CostVersion:
    """A new version with the costs of the table, all or none. Someone else approves it.

    RefusedError while a row is at fault, or there is none; FrozenCostError for a code that is
    taken; ForbiddenError for who may not prepare costs.
    """
    if not preparer.has_perm(RIGHT):
        raise ForbiddenError(f"{preparer} may not prepare standard costs.")
    refuse_faults(table.faults)
    if not table.costs:
        raise RefusedError("The table has no row. Nothing was imported.")
    version, is_new = CostVersion.objects.get_or_create(
        code=code, defaults={"effective_on": effective_on, "prepared_by": preparer}
    )
    if not is_new:
        raise FrozenCostError(
            f"There is a cost version {code} already. Import under a new code.", version=code
        )
    replace_costs(version, table.costs)
    return version


def refuse_faults(faults: Sequence[Fault]) -> None:
    """RefusedError naming the first row, if any is at fault."""
    if not faults:
        return
    first = faults[0]
    raise RefusedError(
        f"{len(faults)} rows cannot be taken; the first is row {first.row}: {first.reason} "
        "Nothing was imported.",
        rows=[fault.row for fault in faults],
    )


def draft_of(*, code: str, effective_on: date, preparer: User) -> CostVersion:
    """The draft of that code, locked, made if there is none, and of that day from now on.

    ForbiddenError for who may not prepare costs, or for a draft that somebody else prepares;
    FrozenCostError for an approved version.
    """
    if not preparer.has_perm(RIGHT):
        raise ForbiddenError(f"{preparer} may not prepare standard costs.")
    version, _ = CostVersion.objects.select_for_update().get_or_create(
        code=code, defaults={"effective_on": effective_on, "prepared_by": preparer}
    )
    if version.approved_at is not None:
        raise FrozenCostError(f"Cost version {code} is approved. Take a new code.", version=code)
    if version.prepared_by_id != preparer.pk:
        raise ForbiddenError(f"{version.prepared_by} prepares {code}. Take a code of your own.")
    if version.effective_on != effective_on:
        version.effective_on = effective_on
        version.save(update_fields=["effective_on"])
    return version


def replace_costs(version: CostVersion, costs: Mapping[Key, Cost]) -> None:
    """The draft holds these costs and no other."""
    version.costs.all().delete()
    StandardCost.objects.bulk_create(
        StandardCost(
            version=version,
            item_id=item,
            stage_id=stage,
            supplier_id=supplier or None,
            unit_cost=cost.unit_cost,
            yield_ratio=cost.yield_ratio,
        )
        for (item, stage, supplier), cost in costs.items()
    )
