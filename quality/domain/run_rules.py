"""Rules on runs of points of a control chart. A point breaks a rule strictly beyond its zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from quality.domain.words import RuleSet

Window = Sequence[float]


@dataclass(frozen=True, slots=True)
class Rule:
    """number: as its source counts. length: points it looks back on, this one among them.

    needed: fewest points that can break it. breaks: whether a window, this point last, does.
    hint: what it often means.
    """

    number: int
    words: str
    hint: str
    needed: int
    length: int
    breaks: Callable[[Window], bool]


def _beyond(needed: int, zone: float, window: Window) -> bool:
    """So many on the side of the last one, which is itself beyond the zone."""
    side = 1.0 if window[-1] > 0 else -1.0
    is_last_beyond = side * window[-1] > zone
    return is_last_beyond and sum(side * score > zone for score in window) >= needed


def _trend(window: Window) -> bool:
    """Every point higher than the one before it, or every point lower."""
    steps = [after - before for before, after in pairwise(window)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)


def _alternation(window: Window) -> bool:
    """Up and down in turn."""
    steps = [after - before for before, after in pairwise(window)]
    return all(before * after < 0 for before, after in pairwise(steps))


def _hugging(window: Window) -> bool:
    return all(-1 < score < 1 for score in window)


def _avoiding(window: Window) -> bool:
    return all(score > 1 or score < -1 for score in window)


SUDDEN = "Something happened to this lot alone: its material, a set-up, a broken part."
SHIFTED = "The level moved: another program, card, oven or batch of material since the run began."
DRIFTING = "A slow change: wear, dirt on contacts, ageing of a card."
PAIRED = "Two streams take turns: two testers, ovens or shifts."
STRATIFIED = "Less spread than in the history: its limits are too wide, or streams were averaged."
MIXED = "Two levels and none between: two testers, suppliers or revisions on one chart."


def _run(number: int, words: str, hint: str, share: tuple[int, int], zone: float) -> Rule:
    """share: how many of how many points lie beyond zone sigma on one side."""
    needed, length = share
    return Rule(number, words, hint, needed, length, partial(_beyond, needed, zone))


def limit_rule(words: str, hint: str, reach: float) -> Rule:
    """Rule 1: one point beyond the chart's own limit, reach from its middle."""
    return _run(1, words, hint, (1, 1), reach)


WESTERN_ELECTRIC = (
    _run(2, "2 of 3 points beyond 2 sigma, one side", SHIFTED, (2, 3), 2.0),
    _run(3, "4 of 5 points beyond 1 sigma, one side", SHIFTED, (4, 5), 1.0),
    _run(4, "8 points in a row on one side", SHIFTED, (8, 8), 0.0),
)
"""All but rule 1. Source: Western Electric Statistical Quality Control Handbook, 1956."""

NELSON = (
    _run(2, "9 points in a row on one side", SHIFTED, (9, 9), 0.0),
    Rule(3, "6 points in a row rising or falling", DRIFTING, 6, 6, _trend),
    Rule(4, "14 points in a row up and down in turn", PAIRED, 14, 14, _alternation),
    _run(5, "2 of 3 points beyond 2 sigma, one side", SHIFTED, (2, 3), 2.0),
    _run(6, "4 of 5 points beyond 1 sigma, one side", SHIFTED, (4, 5), 1.0),
    Rule(7, "15 points in a row within 1 sigma", STRATIFIED, 15, 15, _hugging),
    Rule(8, "8 points in a row beyond 1 sigma, either side", MIXED, 8, 8, _avoiding),
)
"""All but rule 1. Source: Nelson, Journal of Quality Technology 16 (1984)."""


def rules_of(chosen: RuleSet, reach: float = 3.0) -> tuple[Rule, ...]:
    """The rules of a set; rule 1 is the chart's own limit, reach sigma from its middle."""
    others = {RuleSet.WESTERN_ELECTRIC: WESTERN_ELECTRIC, RuleSet.NELSON: NELSON}
    limit = limit_rule(f"1 point beyond {reach:g} sigma", SUDDEN, reach)
    return (limit, *others.get(chosen, ()))


def broken_rules(scores: Sequence[float], rules: Sequence[Rule]) -> list[tuple[Rule, ...]]:
    """Rules that each point breaks, in order of the rules.

    scores: distance from the middle in sigma, oldest first. A rule of n of m points is broken by a
    point that is itself beyond, also where fewer than m came before it.
    """
    return [
        tuple(rule for rule in rules if _is_broken(rule, scores, place))
        for place in range(len(scores))
    ]


def _is_broken(rule: Rule, scores: Sequence[float], place: int) -> bool:
    window = scores[max(0, place + 1 - rule.length) : place + 1]
    return len(window) >= rule.needed and rule.breaks(window)
