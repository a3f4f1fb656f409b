"""Lots that wait for a pilot go on once it has passed, and nothing stands against it."""

from __future__ import annotations

import logging
from datetime import datetime

from lots.domain.commands import Command
from lots.domain.pilots import PilotState, pilot_state
from lots.domain.words import Source
from lots.models import Hold
from lots.selectors.pilots import pilot_of
from lots.services import release_hold
from quality.selectors.pilots import reviewed_holds
from quality.services.reviews import CURSOR
from supplychain.base.errors import SupplychainError

log = logging.getLogger(__name__)

HOLDS_MAX = 500


def release_passed(*, now: datetime) -> int:
    """Release the holds whose pilot has passed, each by an event of its own; how many.

    Safe to run twice, and while people release holds.
    """
    holds = reviewed_holds(CURSOR).select_related("lot").order_by("pk")
    return sum(_release(hold, now) for hold in holds[:HOLDS_MAX])


def _release(hold: Hold, now: datetime) -> bool:
    pilot = pilot_of(hold)
    if pilot is None or pilot_state(pilot) is not PilotState.PASSED:
        return False
    command = Command(
        op_key=f"pilot:{hold.pk}:release",
        occurred_at=now,
        source=Source.RULE,
        source_reference="pilot",
    )
    disposition = f"Pilot {pilot.code} passed {pilot.decides_at}, nothing against it"
    try:
        release_hold(hold=hold, disposition=disposition, command=command)
    except SupplychainError as error:
        log.info("hold %s is left: %s", hold.pk, error.detail)
        return False
    return True
