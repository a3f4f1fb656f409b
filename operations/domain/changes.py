"""What an act would change, as people check it before they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of one thing, before and after; before is empty for something new."""

    subject: str
    fact: str
    before: str
    after: str


Facts = Mapping[str, Mapping[str, str]]


def changes(before: Facts, after: Facts) -> list[Change]:
    """Every fact that differs. Both: subject → fact → value; a new subject has all its facts."""
    found = []
    for subject, facts in after.items():
        known = before.get(subject, {})
        found += [
            Change(subject, fact, known.get(fact, ""), value)
            for fact, value in facts.items()
            if known.get(fact, "") != value
        ]
    return found
