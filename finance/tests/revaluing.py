"""Stock at an old standard, and a new version of costs it is not carried at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from finance.domain.revaluations import RevaluationOrder
from finance.models import CostVersion, StandardCost
from finance.services import post_events
from finance.tests.line import chip_lot, command, kept_line, moved, shipped, wafer_lot
from lots.models import Lot, Supplier
from lots.services import ship_lot

DAY = date(2026, 3, 2)
ORDER = RevaluationOrder("STD-NEW", DAY, "new-standard", "Price agreement of March")


def person(name: str, *kinds: str) -> User:
    """Who may prepare and approve revaluations, and documents of other kinds."""
    user = User.objects.create_user(name)
    codes = [f"{act}_{kind}" for act in ("add", "approve", "view")
             for kind in ("revaluation", *kinds)]  # fmt: skip
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


def costs(code: str, day: date, ratio: str, *, is_approved: bool = True) -> CostVersion:
    """Every cost of the newest version times the ratio, to the cent."""
    old = CostVersion.objects.filter(approved_at__isnull=False).latest("effective_on")
    people = [User.objects.get_or_create(username=f"{code}-{who}")[0] for who in "12"]
    version = CostVersion.objects.create(code=code, effective_on=day, prepared_by=people[0])
    StandardCost.objects.bulk_create(
        StandardCost(
            version=version,
            item_id=cost.item_id,
            stage_id=cost.stage_id,
            unit_cost=(cost.unit_cost * Decimal(ratio)).quantize(Decimal("0.01")),
            yield_ratio=cost.yield_ratio,
        )
        for cost in old.costs.all()
    )
    if is_approved:
        version.approved_by, version.approved_at = people[1], timezone.now()
        version.save()
    return version


def stock() -> Lot:
    """W1: two bumped wafers. W2: one under way. W3: the foundry's own. M1: three chips received.

    Posted at the standard of before; the new one is a tenth lower. W1 is returned.
    """
    return kept_line("stock to revalue", _make_stock)


def _make_stock() -> Lot:
    first = moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    away = moved(shipped(wafer_lot("W2", 1, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    ship_lot(lot=away, to=Supplier.objects.get(code="ODM1"), customer="", command=command())
    wafer_lot("W3", 1, step="WAT")
    chip_lot("M1", 3)
    post_events()
    costs("STD-NEW", DAY, "0.9")
    return first
