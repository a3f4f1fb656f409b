"""Dispositions as pages show them, with what the person at the page can do about each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from lots.models import Lot
from quality.domain.words import UNDECIDED, DispositionState, DispositionStep
from quality.models import Disposition, Issue
from quality.selectors.dispositions import (
    dispositions,
    held_lots,
    signable_by,
    waiting_for,
)

SIGN, PROPOSE = "quality.sign_disposition", "quality.propose_disposition"
CARRY_OUT = "quality.carry_out_disposition"
ROWS_MAX = 100


@dataclass(frozen=True, slots=True)
class Card:
    """One disposition. steps: names of what the person may do with it now."""

    row: Disposition
    steps: tuple[DispositionStep, ...]

    @property
    def is_open(self) -> bool:
        return self.row.state in UNDECIDED


@dataclass(frozen=True, slots=True)
class Board:
    """Of one issue: what was decided, newest first, and held lots that nothing is proposed for."""

    cards: Sequence[Card]
    lots: Sequence[Lot]
    is_held: bool


def board_of(issue: Issue, person: User) -> Board:
    """What the panel of the issue's page shows."""
    cards = cards_of(dispositions().filter(issue=issue), person)
    waiting = {card.row.lot_id for card in cards if card.is_open}
    lots = list(held_lots(issue))
    return Board(cards, [lot for lot in lots if lot.pk not in waiting], bool(lots))


def cards_of(rows: Iterable[Disposition], person: User) -> list[Card]:
    """Each with the steps that the person may take."""
    found = list(rows)
    ids = [row.pk for row in found if row.state == DispositionState.PROPOSED]
    signable: set[int] = set()
    if ids and person.has_perm(SIGN):
        wanted = signable_by(person).filter(disposition__in=ids)
        signable = set(wanted.values_list("disposition", flat=True))
    return [Card(row, _steps(row, person, is_signable=row.pk in signable)) for row in found]


def _steps(row: Disposition, person: User, *, is_signable: bool) -> tuple[DispositionStep, ...]:
    may_carry_out = person.has_perm(CARRY_OUT)
    may_withdraw = person.has_perm(PROPOSE) and (row.proposed_by_id == person.pk or may_carry_out)
    offered = {
        DispositionStep.SIGN: is_signable,
        DispositionStep.REFUSE: is_signable,
        DispositionStep.CARRY_OUT: may_carry_out and row.state == DispositionState.SIGNED,
        DispositionStep.WITHDRAW: may_withdraw and row.state in UNDECIDED,
    }
    return tuple(step for step, is_offered in offered.items() if is_offered)


def cards_waiting_for(person: User) -> list[Card]:
    """Those the person could sign now, oldest first; at most ROWS_MAX."""
    return cards_of(waiting_for(person)[:ROWS_MAX], person)


def other_open_cards(person: User, waiting: Sequence[Card]) -> list[Card]:
    """The rest of what is not carried out, oldest first; at most ROWS_MAX."""
    rows = dispositions().filter(state__in=UNDECIDED).order_by("id")
    return cards_of(rows.exclude(pk__in=[card.row.pk for card in waiting])[:ROWS_MAX], person)


def waiting_count(person: User) -> int:
    """How many the person could sign now."""
    return waiting_for(person).count()
