"""Dispositions as pages show them, with what the person at the page can do about each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from lots.models import Hold, Lot
from quality.domain.words import UNDECIDED, DispositionState, DispositionStep
from quality.models import Disposition, Issue
from quality.selectors.dispositions import (
    disposition_by_number,
    dispositions_for,
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
    """Of one issue: what was decided, newest first, and held lots that nothing is proposed for.

    others: why its lot is on hold for something else.
    """

    cards: Sequence[Card]
    lots: Sequence[Lot]
    is_held: bool
    others: Sequence[str]


def board_of(issue: Issue, person: User, around: Iterable[Hold]) -> Board:
    """What the panel of the issue's page shows. around: holds_around the issue."""
    cards = cards_of(dispositions_for(person).filter(issue=issue), person)
    waiting = {card.row.lot_id for card in cards if card.is_open}
    holds = [hold for hold in around if hold.released_at is None]
    lots = {hold.lot_id: hold.lot for hold in holds if vars(hold)["is_for_issue"]}
    return Board(
        cards=cards,
        lots=[lot for lot in lots.values() if lot.pk not in waiting],
        is_held=bool(lots),
        others=[hold.reason for hold in holds if not vars(hold)["is_for_issue"]],
    )


def cards_of(rows: Iterable[Disposition], person: User) -> list[Card]:
    """Each with the steps that the person may take. rows: read for the person."""
    return [Card(row, _steps(row, person)) for row in rows]


def card_by_number(number: str, person: User) -> Card:
    """The one people call by this number. MissingError when there is none."""
    (card,) = cards_of([disposition_by_number(number, dispositions_for(person))], person)
    return card


def _steps(row: Disposition, person: User) -> tuple[DispositionStep, ...]:
    is_signable = person.has_perm(SIGN) and any(
        vars(signature)["is_signable"] for signature in row.signatures.all()
    )
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
    rows = dispositions_for(person).filter(state__in=UNDECIDED).order_by("id")
    return cards_of(rows.exclude(pk__in=[card.row.pk for card in waiting])[:ROWS_MAX], person)
