from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from testing.domain.retest import (
    Insertion,
    RetestCounts,
    consolidate,
    is_flagged_retest,
    retest_counts,
)
from testing.domain.words import RetestPolicy

PASS, FAIL = True, False
INSERTIONS = st.lists(
    st.builds(Insertion, st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=30
)


def finals(insertions: list[Insertion], policy: RetestPolicy) -> list[int]:
    standings = consolidate(insertions, policy)
    return [index for index, standing in enumerate(standings) if standing.is_final]


def test_last_insertion_decides_even_when_it_fails() -> None:
    again = [Insertion("a", PASS), Insertion("a", FAIL)]
    assert finals(again, RetestPolicy.LAST) == [1]


def test_best_keeps_the_first_pass() -> None:
    again = [Insertion("a", FAIL), Insertion("a", PASS), Insertion("a", PASS), Insertion("a", FAIL)]
    assert finals(again, RetestPolicy.BEST) == [1]


def test_best_takes_the_latest_of_failures() -> None:
    assert finals([Insertion("a", FAIL)] * 3, RetestPolicy.BEST) == [2]


def test_flagged_leaves_out_repeats_the_tester_did_not_mark() -> None:
    again = [Insertion("a", FAIL), Insertion("a", PASS, is_flagged=True), Insertion("a", FAIL)]
    assert finals(again, RetestPolicy.FLAGGED) == [1]


def test_attempts_count_per_unit() -> None:
    mixed = [Insertion("a", FAIL), Insertion("b", PASS), Insertion("a", PASS)]
    standings = consolidate(mixed, RetestPolicy.LAST)
    assert [standing.attempt for standing in standings] == [1, 1, 2]
    assert [standing.is_first for standing in standings] == [True, True, False]


def test_either_supersede_bit_marks_a_retest() -> None:
    assert [is_flagged_retest(flag) for flag in (0b00, 0b01, 0b10, 0b1100)] == [
        False,
        True,
        True,
        False,
    ]


def test_counts_tell_first_pass_final_and_recovered_apart() -> None:
    mixed = [
        Insertion("a", FAIL),
        Insertion("b", PASS),
        Insertion("a", PASS),
        Insertion("c", FAIL),
        Insertion("b", FAIL),
    ]
    assert retest_counts(mixed, RetestPolicy.LAST) == RetestCounts(
        insertions=5, units=3, first_passed=1, final_passed=1, retested=2, recovered=1
    )


@given(INSERTIONS, st.sampled_from(RetestPolicy))
def test_each_unit_has_one_first_and_one_deciding_insertion(
    insertions: list[Insertion], policy: RetestPolicy
) -> None:
    pairs = list(zip(insertions, consolidate(insertions, policy), strict=True))
    units = sorted({insertion.unit_key for insertion in insertions})
    assert sorted(i.unit_key for i, standing in pairs if standing.is_first) == units
    assert sorted(i.unit_key for i, standing in pairs if standing.is_final) == units


@given(INSERTIONS)
def test_best_never_yields_less_than_last(insertions: list[Insertion]) -> None:
    best = retest_counts(insertions, RetestPolicy.BEST)
    last = retest_counts(insertions, RetestPolicy.LAST)
    assert best.final_passed >= max(last.final_passed, best.first_passed)


@given(INSERTIONS)
def test_first_pass_does_not_depend_on_the_policy(insertions: list[Insertion]) -> None:
    counts = [retest_counts(insertions, policy) for policy in RetestPolicy]
    assert len({(c.units, c.first_passed, c.retested, c.insertions) for c in counts}) == 1
