"""Hot lots under many writers: nothing lost, nothing twice, nothing missed by a reader."""

from __future__ import annotations

import os

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Sum

from lots.models import Event, Lot
from lots.selectors.verifying import first_fault
from lots.tests.making import counted_lot
from tests.acceptance.storm import storm

PROCESSES, TURNS = (int(word) for word in os.environ.get("STORM", "8x25").split("x"))
"""STORM=16x2000 runs it at full size; it takes as long as the machine needs for 32,000 verbs."""

LOTS = 4
QUANTITY = 5_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reference")
def test_hot_lots_lose_no_unit_by_any_door() -> None:
    user = User.objects.create_user("storm", is_staff=True)
    user.groups.add(Group.objects.get(name="Administrator"))
    codes = [f"HOT{number}" for number in range(LOTS)]
    for code in codes:
        counted_lot(code, quantity=QUANTITY)
    before = Event.objects.count()
    outcomes = storm(PROCESSES, TURNS, codes, user.username)
    assert [fault for outcome in outcomes for fault in outcome.faults] == []
    assert sum(outcome.done for outcome in outcomes) > PROCESSES * TURNS / 4
    expected = LOTS * QUANTITY + sum(outcome.change for outcome in outcomes)
    assert Lot.objects.aggregate(left=Sum("quantity"))["left"] == expected
    assert Event.objects.count() > before
    assert first_fault() is None
