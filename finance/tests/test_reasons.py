from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finance.domain.reasons import (
    UNLISTED,
    Meaning,
    ReasonChange,
    missing,
    normal,
    reason_changes,
)

sets = st.dictionaries(st.sampled_from("abcdef"), st.builds(Meaning, st.booleans(), st.booleans()))


@given(sets, sets)
def test_changes_turn_what_was_into_what_is(
    before: dict[str, Meaning], after: dict[str, Meaning]
) -> None:
    changed = {one.reason: one.after for one in reason_changes(before, after)}
    told = {reason: {**before, **changed}.get(reason, UNLISTED) for reason in "abcdef"}
    assert told == {reason: after.get(reason, UNLISTED) for reason in "abcdef"}


@given(sets)
def test_the_same_changes_nothing(reasons: dict[str, Meaning]) -> None:
    assert reason_changes(reasons, dict(reasons)) == []


def test_a_reason_listed_as_neither_means_what_an_unlisted_one_does() -> None:
    assert reason_changes({}, {"a": Meaning()}) == []


def test_a_reason_left_out_is_a_change() -> None:
    planned = Meaning(is_normal=True)
    assert reason_changes({"a": planned}, {}) == [ReasonChange("a", planned, UNLISTED)]


def test_a_reason_is_normal_missing_both_or_neither() -> None:
    reasons = {
        "a": Meaning(True),
        "b": Meaning(False, True),
        "c": Meaning(True, True),
        "d": UNLISTED,
    }
    assert normal(reasons) == {"a", "c"}
    assert missing(reasons) == {"b", "c"}
