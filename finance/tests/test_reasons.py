from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from finance.domain.reasons import (
    UNLISTED,
    Meaning,
    ReasonChange,
    ReasonSpan,
    missing,
    normal,
    reason_changes,
    reason_spans,
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


DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(12)]


@given(st.dictionaries(st.sampled_from(DAYS), sets), sets)
def test_spans_tell_of_each_day_what_would_mean_something_else(
    versions: dict[date, dict[str, Meaning]], tried: dict[str, Meaning]
) -> None:
    newest_first = sorted(versions.items(), reverse=True, key=lambda row: row[0])
    spans = reason_spans(newest_first, tried, DAYS[2], DAYS[9])
    for day in DAYS[2:10]:
        in_force = next((rows for first, rows in newest_first if first <= day), {})
        told = [span.reasons for span in spans if span.first <= day < span.until]
        changed = {one.reason for one in reason_changes(in_force, tried)}
        assert told == ([changed] if changed else [])


def test_versions_of_other_days_have_no_span() -> None:
    planned = {"a": Meaning(is_normal=True)}
    versions = [(DAYS[9], planned), (DAYS[3], {}), (DAYS[0], planned)]
    spans = reason_spans(versions, {}, DAYS[1], DAYS[8])
    assert spans == [ReasonSpan(DAYS[0], DAYS[3], frozenset("a"))]
