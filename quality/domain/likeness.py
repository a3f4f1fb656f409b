"""What two issues have in common, by words that people check: nothing is learnt, nothing hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from quality.domain.words import Statistic

SAME_CAUSE = 8
SAME_MARK = 3
SAME_RULE = 2
SAME_PLACE = 1
FACTS = {
    "tester": "tester", "probe_card": "probe card", "load_board": "load board", "oven": "oven",
    "burn_in_board": "burn-in board", "program": "program", "hard_bin": "hard bin",
}  # fmt: skip
LISTS = {"testers": "tester", "ovens": "oven"}


@dataclass(frozen=True, slots=True)
class Traits:
    """What an issue is known by. marks: things named by its evidence, such as `tester UF-2`.

    step, product: codes; "" for none.
    """

    cause_key: str
    rule: str
    step: str
    product: str
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Likeness:
    """shared: what both have, most telling first, in words. weight: 0 for too little."""

    weight: int
    shared: tuple[str, ...]


def marks_of(evidence: Mapping[str, object]) -> frozenset[str]:
    """Tools, bins and patterns that evidence names; likely causes count as named."""
    facts = evidence.get("facts")
    named = dict(facts) if isinstance(facts, Mapping) else {}
    found = [f"{word} {named[name]}" for name, word in FACTS.items() if named.get(name)]
    for name, word in LISTS.items():
        found += [f"{word} {one}" for one in _items(named.get(name))]
    for row in _items(named.get("likely_causes")):
        if isinstance(row, Mapping) and row.get("cause"):
            found.append(str(row["cause"]))
    if evidence.get("statistic") == Statistic.WAFER_PATTERN and evidence.get("value"):
        found.append(f"pattern {evidence['value']}")
    return frozenset(found)


def likeness(one: Traits, other: Traits) -> Likeness:
    """Of the same cause, or with a mark or a rule in common; a shared step or product adds to it.

    The same rule alone is too little: most of what a rule finds has different causes.
    """
    is_same_cause, is_same_rule = one.cause_key == other.cause_key, one.rule == other.rule
    marks = sorted(one.marks & other.marks)
    weight, shared = SAME_MARK * len(marks), list(marks)
    if is_same_cause:
        weight, shared = weight + SAME_CAUSE, ["the same cause", *shared]
    if is_same_rule:
        weight, shared = weight + SAME_RULE, [*shared, "the same rule"]
    for name, here, there in (
        ("step", one.step, other.step),
        ("product", one.product, other.product),
    ):
        if here and here == there:
            weight, shared = weight + SAME_PLACE, [*shared, f"{name} {here}"]
    is_enough = is_same_cause or marks or (is_same_rule and weight > SAME_RULE)
    return Likeness(weight, tuple(shared)) if is_enough else Likeness(0, ())


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()
