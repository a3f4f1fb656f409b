"""Standard costs rolled up from assumptions, as a draft that somebody else approves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from finance.domain.assumptions import AssumptionTable
from finance.domain.rollup import roll_up
from finance.domain.rollup_changes import what_if
from finance.models import CostAssumption, CostVersion
from finance.selectors.rollups import assumptions_of, stage_codes
from finance.services.cost_import import draft_of, refuse_faults, replace_costs
from supplychain.base.errors import RefusedError


@transaction.atomic
def prepare_roll_up(
    *, code: str, effective_on: date, table: AssumptionTable, preparer: User
) -> CostVersion:
    """The draft holds these assumptions and the costs they come to, and no other.

    RefusedError while a row is at fault, or there is none; RollUpError, naming the line, where
    they give no cost; ForbiddenError and FrozenCostError as for any draft.
    """
    version = draft_of(code=code, effective_on=effective_on, preparer=preparer)
    refuse_faults(table.faults)
    if not table.rows:
        raise RefusedError("The table has no row. Nothing was imported.")
    rolled = roll_up(table.rows, stage_codes())
    version.assumptions.all().delete()
    CostAssumption.objects.bulk_create(
        CostAssumption(
            version=version,
            line=row.line,
            kind=row.kind,
            item_id=row.item,
            stage_id=row.stage,
            component_id=row.component or None,
            supplier_id=row.supplier or None,
            value=row.value,
            source=row.source,
        )
        for row in table.rows
    )
    replace_costs(version, {key: one.standard for key, one in rolled.items()})
    return version


@transaction.atomic
def change_assumption(
    *, version: CostVersion, line: int, value: Decimal, preparer: User
) -> CostVersion:
    """One line of a draft has another value, and its costs follow. Errors as of what it is made by.

    MissingError for no such line; RefusedError for one that comes from a bill.
    """
    draft_of(code=version.code, effective_on=version.effective_on, preparer=preparer)
    rows = what_if(assumptions_of(version), line, value)
    return prepare_roll_up(
        code=version.code,
        effective_on=version.effective_on,
        table=AssumptionTable(rows, []),
        preparer=preparer,
    )
