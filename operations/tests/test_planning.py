"""Who may plan what for a lot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lots.domain.orders import FutureActionOrder
from lots.domain.words import Trigger, Verb
from lots.models import FutureAction, Lot
from lots.services import plan_action
from lots.tests.routing import released_route
from operations.services.lot_acts import LOT_ACTS
from operations.tests.line import Line, command
from operations.tests.test_more_acts import Acting
from supplychain.base.errors import ForbiddenError

pytestmark = pytest.mark.django_db


def test_nobody_plans_what_the_role_may_not_do(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    quality = Acting(as_role("Quality"))
    offered = quality.ask("W7Q3", "plan").split('name="future_verb"')[1].split("</select>")[0]
    assert 'value="hold"' in offered
    assert 'value="bank"' not in offered
    common = {"trigger": "event", "on_verb": "move", "hold_class": "quality", "reason": "later"}
    assert "Select a valid choice" in quality.preview("W7Q3", "plan", future_verb="bank", **common)
    own = command(0, actor_id=User.objects.get(username="quality").pk)
    answers = {**common, "future_verb": "bank", "step": None, "owner": None}
    with pytest.raises(ForbiddenError, match="may not bank lots, now or later"):
        LOT_ACTS["plan"].run(Lot.objects.get(code="W7Q3"), answers, own)
    assert not FutureAction.objects.exists()


def test_preview_of_a_new_route_says_which_plans_it_orphans(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    lot = Lot.objects.get(code="W7Q3")
    order = FutureActionOrder(
        Trigger.ARRIVES, Verb.HOLD, "look", lot_code=lot.code, step_code="CP1"
    )
    plan_action(order=order)
    version = released_route("A", {"code": "START"}, {"code": "FAB"})
    engineer = Acting(as_role("Test engineer"))
    answers = {"at_step": version.steps.get(code="FAB").pk, "reason": "shorter"}
    orphaned = "hold when it arrives CP1 (orphaned: its route has no such step)"
    assert orphaned in engineer.preview(lot.code, "reroute", **answers)
    assert "orphaned" not in engineer.ask(lot.code, "unplan")
    engineer.done(lot.code, "reroute", **answers)
    assert "orphaned: A v2 has no such step" in engineer.ask(lot.code, "unplan")
