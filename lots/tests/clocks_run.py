"""Clocks as they stand, beside what they are when everything is run anew in the order of time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from lots.domain.queue_history import clocks_as_run
from lots.domain.words import Verb
from lots.models import Event, Lot, QueueClock
from lots.selectors.queue_history import happenings_of, limits_on_the_way

Known = tuple[int, int, datetime, UUID, UUID | None, UUID | None]


def clocks_kept() -> Counter[Known]:
    """What a corrected event began or brought counts as not there, and what it ended runs on."""
    undone = set(Event.objects.filter(verb=Verb.CORRECT).values_list("corrects_id", flat=True))
    return Counter(
        (
            one.lot_id, one.limit_id, one.since, one.started_by_id, one.carried_by_id,
            None if one.ended_by_id in undone else one.ended_by_id,
        )
        for one in QueueClock.objects.all()
        if not {one.started_by_id, one.carried_by_id} & undone
    )  # fmt: skip


def clocks_run_anew() -> Counter[Known]:
    lot_ids = set(Lot.objects.values_list("pk", flat=True))
    happenings = happenings_of(lot_ids, list(QueueClock.objects.all()))
    return Counter(
        (one.lot_id, one.limit_id, one.since, one.started_by, one.carried_by, one.ended_by)
        for one in clocks_as_run(happenings, limits_on_the_way(lot_ids))
    )
