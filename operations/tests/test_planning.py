"""Who may plan what for a lot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lots.models import FutureAction, Lot
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
