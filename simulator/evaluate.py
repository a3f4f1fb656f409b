"""Compares the issues that were raised with the causes that were planted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.truth import Cause, Effect

FALSE_PER_TEN_LOTS_MAX = 1.0


@dataclass(frozen=True, slots=True)
class Raised:
    """An issue as far as it matters here. lot: code, "" where the issue names none."""

    number: str
    detector: str
    lot: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """found: cause and its issue; missed: causes without one; side: honest effects."""

    found: tuple[tuple[Cause, Raised], ...]
    missed: tuple[Cause, ...]
    side: tuple[Raised, ...]
    false: tuple[Raised, ...]
    lot_count: int

    @property
    def false_per_ten_lots(self) -> float:
        """False issues for every ten lots of the line; 0 for no lots."""
        return 10 * len(self.false) / self.lot_count if self.lot_count else 0.0

    @property
    def is_good(self) -> bool:
        """Every cause found, and no more than one false issue per ten lots."""
        return not self.missed and self.false_per_ten_lots <= FALSE_PER_TEN_LOTS_MAX


def evaluate(truth: Mapping[str, Any], issues: Iterable[Raised]) -> Verdict:
    """Judge issues against the content of a truth.json. An issue counts once, a cause first."""
    causes = causes_of(truth)
    left = list(issues)
    found: list[tuple[Cause, Raised]] = []
    for cause in causes:
        match = next((issue for issue in left if _is_of(cause.detector, cause.lot, issue)), None)
        if match is not None:
            left.remove(match)
            found.append((cause, match))
    effects = [
        effect for cause in causes for effect in (Effect(cause.detector, cause.lot), *cause.also)
    ]
    side = tuple(issue for issue in left if _is_effect(effects, issue))
    hit = {cause.id for cause, _ in found}
    return Verdict(
        tuple(found),
        tuple(cause for cause in causes if cause.id not in hit),
        side,
        tuple(issue for issue in left if issue not in side),
        len(truth["lots"]),
    )


def causes_of(truth: Mapping[str, Any]) -> tuple[Cause, ...]:
    """The causes listed in the content of a truth.json."""
    return tuple(
        Cause(**{**row, "also": tuple(Effect(**effect) for effect in row["also"])})
        for row in truth["causes"]
    )


def _is_effect(effects: Sequence[Effect], issue: Raised) -> bool:
    return any(_is_of(effect.detector, effect.lot, issue) for effect in effects)


def _is_of(detector: str, lot: str, issue: Raised) -> bool:
    return detector == issue.detector and lot in {"", issue.lot}
