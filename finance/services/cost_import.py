"""Standard costs out of a table, as a version that waits for its approval."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import User
from django.db import transaction

from finance.domain.cost_table import CostTable
from finance.domain.errors import FrozenCostError
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
    if table.faults:
        first = table.faults[0]
        raise RefusedError(
            f"{len(table.faults)} rows cannot be taken; the first is row {first.row}: "
            f"{first.reason} Nothing was imported.",
            rows=[fault.row for fault in table.faults],
        )
    if not table.costs:
        raise RefusedError("The table has no row. Nothing was imported.")
    version, is_new = CostVersion.objects.get_or_create(
        code=code, defaults={"effective_on": effective_on, "prepared_by": preparer}
    )
    if not is_new:
        raise FrozenCostError(
            f"There is a cost version {code} already. Import under a new code.", version=code
        )
    StandardCost.objects.bulk_create(
        StandardCost(
            version=version,
            item_id=item,
            stage_id=stage,
            unit_cost=cost.unit_cost,
            yield_ratio=cost.yield_ratio,
        )
        for (item, stage), cost in table.costs.items()
    )
    return version
