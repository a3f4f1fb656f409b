"""What happened to an issue, with the holds that people placed and lifted for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from lots.domain.words import HoldScope, Source, Verb
from lots.models import Event, Hold
from quality.domain.words import IssueEventKind
from quality.models import Issue

PART_WORDS = {
    HoldScope.LOT: "Lot {lot}",
    HoldScope.WAFER: "Wafers of lot {lot}",
    HoldScope.UNIT: "Units of lot {lot}",
    HoldScope.BIN: "Bin {bin} of lot {lot}",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One row of a history. actor: a person, or what did it by itself."""

    at: datetime
    recorded_at: datetime
    kind: str
    note: str
    actor: str
    state_from: str = ""
    state_to: str = ""


def history_of(issue: Issue, around: Iterable[Hold]) -> Sequence[Told]:
    """All of it as it was recorded, newest first. around: holds_around the issue."""
    acts = [
        Told(
            act.at, act.recorded_at, act.kind, act.note, str(act.actor or "detector"),
            act.state_from, act.state_to,
        )
        for act in issue.events.select_related("actor").order_by("id")
    ]  # fmt: skip
    holds = [hold for hold in around if vars(hold)["is_for_issue"]]
    told = [row for hold in holds for row in _of_hold(hold)]
    return sorted([*acts, *told], key=attrgetter("recorded_at"))[::-1]


def _of_hold(hold: Hold) -> list[Told]:
    """When it was placed and lifted; a rule's own hold is in the issue's acts already."""
    part = PART_WORDS[HoldScope(hold.scope)].format(lot=hold.lot.code, bin=hold.bin_number)
    rows = []
    if hold.placed_by.source != Source.RULE:
        rows.append(_at(hold.placed_by, IssueEventKind.HELD, f"{part}: on hold."))
    if hold.released_by is not None:
        rows.append(_at(hold.released_by, Verb.RELEASE, f"{part}: {hold.disposition}"))
    return rows


def _at(event: Event, kind: str, note: str) -> Told:
    actor = str(event.actor or event.get_source_display())
    return Told(event.occurred_at, event.recorded_at, kind, note, actor)
