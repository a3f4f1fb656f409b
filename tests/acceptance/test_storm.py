"""Hot lots under many writers: nothing lost, nothing twice, nothing missed by a reader."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Sum

from finance.selectors.reconciling import reconciliation
from finance.services import load_reference, post_events
from lots.models import Event, Lot
from lots.selectors.verifying import first_fault
from lots.tests.making import counted_lot
from lots.tests.routing import released_route
from tests.acceptance.storm import Outcome, storm
from tests.acceptance.storm_parts import parts_for
from tests.acceptance.storm_wishes import REWORK

PROCESSES, TURNS = (int(word) for word in os.environ.get("STORM", "8x25").split("x"))
"""STORM=16x2000 runs it at full size; it takes as long as the machine needs for 32,000 verbs."""

LOTS = 4
QUANTITY = 50_000
TURNS_A_WAFER = 300
"""A wafer to dice for so many turns: about as many as are used up."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reference")
def test_hot_lots_lose_no_unit_by_any_door() -> None:
    user = User.objects.create_user("storm", is_staff=True)
    user.groups.add(Group.objects.get(name="Administrator"))
    released_route(REWORK, {"code": "LOOK"}, {"code": "MEND"}, is_rework=True)
    codes = [f"HOT{number}" for number in range(LOTS)]
    for code in codes:
        counted_lot(code, quantity=QUANTITY)
    parts_for(2 + PROCESSES * TURNS // TURNS_A_WAFER)
    before, begun = Event.objects.count(), time.monotonic()
    outcomes = storm(PROCESSES, TURNS, codes, user.username)
    told(outcomes, time.monotonic() - begun)
    assert [fault for outcome in outcomes for fault in outcome.faults] == []
    done = sum(sum(outcome.done.values()) for outcome in outcomes)
    assert done > PROCESSES * TURNS / 4
    assert Event.objects.count() == before + done, "one event for each verb done, none for others"
    expected = LOTS * QUANTITY + sum(outcome.change for outcome in outcomes)
    hot = Lot.objects.filter(code__startswith="HOT")
    assert hot.aggregate(left=Sum("quantity"))["left"] == expected
    assert not Lot.objects.filter(quantity__lt=0).exists()
    assert first_fault() is None
    load_reference()
    while post_events().events:
        pass
    found = reconciliation()
    assert (found.faults, [row.lot for row in found.differences]) == ([], [])
    switches = [line.ledger for line in found.stocks if line.stock.item == "NSW-1"]
    assert sum(switches) == expected


def told(outcomes: list[Outcome], seconds: float) -> None:
    """What was done and refused, by verb; seen with `pytest -s`."""
    done, refused = Counter[str](), Counter[str]()
    for outcome in outcomes:
        done.update(outcome.done)
        refused.update(outcome.refused)
    rows = [f"{verb}: {done[verb]} done, {refused[verb]} refused" for verb in {**done, **refused}]
    total = done.total() + refused.total()
    sys.stdout.write(f"\n{total} verbs in {seconds:.0f} s\n" + "\n".join(sorted(rows)) + "\n")
