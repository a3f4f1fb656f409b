"""What reasons of scrap mean to the books, and what another set of them would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date


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


@dataclass(frozen=True, slots=True)
class ReasonSpan:
    """Days from first on, before until, on which these reasons would mean something else."""

    first: date
    until: date
    reasons: frozenset[str]


def reason_spans(
    versions: Sequence[tuple[date, Reasons]], tried: Reasons, first: date, last: date
) -> list[ReasonSpan]:
    """Where what is tried differs from what is in force on the days from first to last.

    versions: by first day, newest first; before the oldest no reason is listed.
    """
    untils = (date.max, *(begins for begins, _ in versions))
    spans = (
        ReasonSpan(begins, until, frozenset(one.reason for one in reason_changes(reasons, tried)))
        for (begins, reasons), until in zip((*versions, (date.min, {})), untils, strict=True)
        if begins <= last and first < until
    )
    return [span for span in spans if span.reasons]
