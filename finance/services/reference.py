"""What the books start with: entity, periods, stages, step stages, standard costs, chart."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from finance.domain.errors import FrozenCostError
from finance.models import (
    CostVersion,
    Entity,
    PostingProfile,
    PostingRules,
    ProfileAccount,
    ScrapReason,
    Stage,
    StandardCost,
    StepStage,
)
from finance.selectors.rules import places
from finance.services.calendar import add_periods
from finance.services.costs import approve_cost_version
from finance.services.profiles import approve_posting_profile
from lots.models import Step

REFERENCE = Path(__file__).parent.parent / "reference"


@transaction.atomic
def load_reference() -> None:
    """Idempotent. What people changed since stays; FrozenCostError for changed approved costs."""
    entity = _read("entity")
    Entity.objects.get_or_create(code=entity.pop("code"), defaults=entity)
    add_periods(**_read("periods"))
    for sequence, row in enumerate(_read("stages"), start=1):
        Stage.objects.get_or_create(
            code=row["code"], defaults={"name": row["name"], "sequence": sequence}
        )
    for rules in _read("posting_rules"):
        _load_rules(**rules)
    _load_step_stages(**_read("step_stages"))
    for version in _read("standard_costs"):
        _load_version(version)
    for profile in _read("posting_profiles"):
        _load_profile(**profile)


def _read(name: str) -> Any:
    return json.loads((REFERENCE / f"{name}.json").read_text())


def _load_rules(
    *, code: str, reasons: list[dict[str, Any]], prepared_by: str, approved_by: str, **rest: str
) -> None:
    rules, is_new = PostingRules.objects.get_or_create(
        code=code, defaults={**rest, "prepared_by": _signatory(prepared_by)}
    )
    if not is_new:
        return
    ScrapReason.objects.bulk_create(ScrapReason(rules=rules, **row) for row in reasons)
    _sign(PostingRules.objects.filter(pk=rules.pk), approved_by)


def _load_step_stages(*, prepared_by: str, approved_by: str, stages: list[dict[str, Any]]) -> None:
    """Every version of the route that has the step gets it, unless lots are valued there already.

    Approved all at once: they say of steps what nobody said.
    """
    steps: dict[tuple[str, str], list[int]] = {}
    for pk, route, code in Step.objects.values_list("id", "route_version__route__code", "code"):
        steps.setdefault((route, code), []).append(pk)
    said = StepStage.objects.values_list("step_id", "unit_of_measure")
    known, preparer = {*places(), *said}, _signatory(prepared_by)
    made = StepStage.objects.bulk_create(
        StepStage(
            step_id=pk,
            unit_of_measure=row["unit"],
            stage_id=row["stage"],
            account=row["account"],
            prepared_by=preparer,
        )
        for row in stages
        for code in row["steps"]
        for pk in steps.get((row["route"], code), [])
        if (pk, row["unit"]) not in known
    )
    _sign(StepStage.objects.filter(pk__in=[row.pk for row in made]), approved_by)


def _sign(rows: QuerySet[Any], approved_by: str) -> None:
    rows.update(approved_by=_signatory(approved_by), approved_at=timezone.now())


def _load_version(row: dict[str, Any]) -> None:
    wanted = {
        (cost["item"], cost["stage"]): (
            Decimal(cost["unit_cost"]),
            Decimal(cost["yield_ratio"]) if "yield_ratio" in cost else None,
        )
        for cost in row["costs"]
    }
    if version := CostVersion.objects.filter(code=row["version"]).first():
        _refuse_changed(version, wanted)
        return
    version = CostVersion.objects.create(
        code=row["version"],
        effective_on=date.fromisoformat(row["effective_on"]),
        prepared_by=_signatory(row["prepared_by"]),
    )
    StandardCost.objects.bulk_create(
        [
            StandardCost(
                version=version, item_id=item, stage_id=stage, unit_cost=cost, yield_ratio=ratio
            )
            for (item, stage), (cost, ratio) in wanted.items()
        ]
    )
    approve_cost_version(version=version, approver=_signatory(row["approved_by"]))


def _refuse_changed(
    version: CostVersion, wanted: dict[tuple[str, str], tuple[Decimal, Decimal | None]]
) -> None:
    found = {
        (cost.item_id, cost.stage_id): (cost.unit_cost, cost.yield_ratio)
        for cost in version.costs.all()
    }
    if found != wanted:
        raise FrozenCostError(
            f"Cost version {version.code} stands with other content. Load the new costs under a "
            "new version code.",
            version=version.code,
        )


def _load_profile(
    *, code: str, accounts: list[list[str]], prepared_by: str, approved_by: str, **rest: str
) -> None:
    profile, is_new = PostingProfile.objects.get_or_create(
        code=code, defaults={**rest, "prepared_by": _signatory(prepared_by)}
    )
    if not is_new:
        return
    ProfileAccount.objects.bulk_create(
        ProfileAccount(
            profile=profile, account=account, stage_id=stage or None, number=number, name=name
        )
        for account, stage, number, name in accounts
    )
    approve_posting_profile(profile=profile, approver=_signatory(approved_by))


def _signatory(username: str) -> User:
    """The name under reference costs: inactive, without a password; nobody signs in with it."""
    user, is_new = get_user_model().objects.get_or_create(
        username=username, defaults={"is_active": False}
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
