"""Costs that wait for days of which events are posted: how many lines stand at others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finance.models import CostVersion, StandardCost
from finance.selectors.costs import posted_otherwise
from finance.services import approve_cost_version, post_events
from finance.tests.line import wafer_lot
from finance.tests.staging import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

FIFTH = datetime(2026, 3, 5, 20, tzinfo=UTC)
BEFORE, AFTER = date(2026, 3, 1), date(2026, 3, 6)


def draft(first_day: date, times: int = 2, code: str = "STD-X") -> CostVersion:
    """As what came with the service, but for a wafer of dies, so many times as dear."""
    told = CostVersion.objects.get(code="STD-2024")
    version = CostVersion.objects.create(code=code, effective_on=first_day, prepared_by=people()[0])
    for cost in told.costs.all():
        if (cost.item_id, cost.stage_id) == ("TRN3-DIE", "wafer"):
            cost.unit_cost *= times
        cost.pk, cost.version = None, version
        cost.save(force_insert=True)
    return version


def posted(step: str = "BUMP") -> None:
    """Two wafers, at 19,500 each: a line of stock, and one of the supplier."""
    wafer_lot("W1", 2, step=step, at=FIFTH)
    post_events()


def test_lines_of_its_days_at_a_cost_that_it_changes_are_counted() -> None:
    version = draft(BEFORE)
    assert posted_otherwise(version) == 0
    posted()
    assert posted_otherwise(version) == 1


def test_lines_of_days_before_do_not_count() -> None:
    posted()
    assert posted_otherwise(draft(AFTER)) == 0


def test_costs_that_stay_or_come_new_change_no_line() -> None:
    posted()
    version = draft(BEFORE, times=1)
    StandardCost.objects.create(
        version=version, item_id="HBM3E-36", stage_id="component", unit_cost=Decimal(300)
    )
    assert posted_otherwise(version) == 0


def test_lines_of_days_of_the_version_that_follows_do_not_count() -> None:
    following = draft(date(2026, 3, 4), times=1, code="STD-Y")
    approve_cost_version(version=following, approver=people()[1])
    posted()
    assert posted_otherwise(draft(BEFORE)) == 0


def test_what_is_the_vendors_own_has_no_cost() -> None:
    posted(step="START")
    assert posted_otherwise(draft(BEFORE)) == 0
