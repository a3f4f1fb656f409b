"""Run lengths of our rules on normal points, exactly: a Markov chain over what the rules recall."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats
from scipy.sparse import csr_matrix, identity
from scipy.sparse.linalg import spsolve

from quality.domain.run_rules import Rule, broken_rules, rules_of
from quality.domain.words import RuleSet

EDGES = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
ZONES = (-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5)
"""A score within each zone between the edges."""

State = tuple[float, ...]


def average_run_lengths(given: dict[str, Any]) -> dict[str, Any]:
    """Mean points to the first signal. rules: numbers; mu: shifts in sigma."""
    known = rules_of(RuleSet.WESTERN_ELECTRIC)
    rules = [rule for rule in known if rule.number in given["rules"]]
    moves = _moves(rules)
    return {"ARL": [_run_length(moves, shift) for shift in given["mu"]]}


def _moves(rules: list[Rule]) -> dict[State, list[State | None]]:
    """State → where a point of each zone leads; None: it signals."""
    found: dict[State, list[State | None]] = {}
    open_states: list[State] = [()]
    while open_states:
        state = open_states.pop()
        if state in found:
            continue
        found[state] = [_after((*state, zone), rules) for zone in ZONES]
        open_states += [after for after in found[state] if after is not None]
    return found


def _after(scores: State, rules: list[Rule]) -> State | None:
    if broken_rules(scores, rules)[-1]:
        return None
    recalled = max(rule.length for rule in rules) - 1
    return _told_apart(scores[-recalled:] if recalled else (), rules)


def _told_apart(scores: State, rules: list[Rule]) -> State:
    """Each point as coarse as the rules that still look back on it allow."""
    coarse = []
    for age, score in enumerate(reversed(scores), 1):
        zones = sorted({zone for rule in rules if rule.length > age for zone in _zones(rule)})
        beyond = [zone for zone in zones if abs(score) > zone]
        coarse.append(np.sign(score) * (beyond[-1] + 0.5) if beyond else 0.0)
    return _cut(tuple(reversed(coarse)), rules)


def _zones(rule: Rule) -> list[float]:
    return {1: [3.0], 2: [2.0], 3: [1.0], 4: [0.0]}[rule.number]


def _cut(scores: State, rules: list[Rule]) -> State:
    """Without old points that no longer belong to a run on the side of the newest."""
    window = max([rule.length for rule in rules if rule.number < 4], default=1) - 1
    kept = len(scores)
    while kept > window and scores and _is_run_over(scores[-kept:]):
        kept -= 1
    return scores[len(scores) - kept :]


def _is_run_over(scores: State) -> bool:
    return any(np.sign(score) != np.sign(scores[-1]) for score in scores)


def _run_length(moves: dict[State, list[State | None]], shift: float) -> float:
    cumulated = stats.norm.cdf([-np.inf, *EDGES, np.inf], loc=shift)
    chances = np.diff(cumulated)
    places = {state: place for place, state in enumerate(moves)}
    rows = [
        (places[state], places[after], chance)
        for state, afters in moves.items()
        for after, chance in zip(afters, chances, strict=True)
        if after is not None
    ]
    froms, tos, weights = zip(*rows, strict=True)
    matrix = csr_matrix((weights, (froms, tos)), shape=(len(moves), len(moves)))
    lengths = spsolve((identity(len(moves)) - matrix).tocsc(), np.ones(len(moves)))
    return float(np.atleast_1d(lengths)[places[()]])
