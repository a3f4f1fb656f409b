"""What reasons of scrap mean to the books, and what another set of them would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """is_normal: planned for. is_missing: the units are not there."""

    is_normal: bool = False
    is_missing: bool = False


UNLISTED = Meaning()
"""Of a reason that no rule names: abnormal, and the units were there."""

Reasons = Mapping[str, Meaning]


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """What a reason means now, and what it would."""

    reason: str
    before: Meaning
    after: Meaning


def normal(reasons: Reasons) -> frozenset[str]:
    """Reasons that are planned for."""
    return frozenset(reason for reason, means in reasons.items() if means.is_normal)


def missing(reasons: Reasons) -> frozenset[str]:
    """Reasons of units that are not there."""
    return frozenset(reason for reason, means in reasons.items() if means.is_missing)


def reason_changes(before: Reasons, after: Reasons) -> list[ReasonChange]:
    """Reasons that mean something else, in order of them; one that is unlisted means neither."""
    changes = (
        ReasonChange(reason, before.get(reason, UNLISTED), after.get(reason, UNLISTED))
        for reason in sorted({*before, *after})
    )
    return [change for change in changes if change.before != change.after]
