"""What an act on a lot is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lots.domain.commands import Command, Selection
from lots.models import Lot
from operations.domain.changes import Facts
from operations.services.lot_facts import facts_of

Answers = Mapping[str, Any]

WAY, PARTS, FACTS = "Its way", "Its units", "What it says"


def lot_facts(lots: Sequence[Lot], answers: Answers) -> Facts:
    """What a preview compares: the lots, their children, and other lots the answers name."""
    return facts_of([*lots, *answers.get("lots", ())])


@dataclass(frozen=True, slots=True)
class LotAct:
    """One act. verb: its word in addresses. done: the sentence afterwards.

    group: of the menu; empty for a button of its own. facts: what a preview compares.
    is_grave: cannot be taken back.
    """

    verb: str
    title: str
    icon: str
    right: str
    done: str
    run: Callable[[Lot, Answers, Command], object]
    group: str = ""
    is_grave: bool = False
    facts: Callable[[Sequence[Lot], Answers], Facts] = lot_facts


def selection_of(answers: Answers) -> Selection:
    """The part of the lot that the answers name. MalformedError unless said in one way."""
    return Selection(
        quantity=answers.get("quantity"),
        wafers=tuple(answers.get("wafers") or ()),
        serials=tuple(answers.get("serials") or ()),
        bins=answers.get("bins"),
    )
