from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intake.domain.near_names import near_names, nearness

KNOWN = ["N3W010", "N3W011", "M1", "Q7"]


def test_writing_habits_make_no_difference() -> None:
    assert nearness("n3w-010", "N3W010") == 1.0


def test_a_name_inside_the_other_is_near() -> None:
    assert near_names("N3W010_W05", KNOWN)[0] == "N3W010"


def test_short_names_are_not_found_inside_others() -> None:
    assert "M1" not in near_names("LOTM19", KNOWN)


def test_a_mistyped_name_finds_those_it_may_be() -> None:
    assert near_names("N3W01O", KNOWN) == ["N3W010", "N3W011"]


def test_a_strange_or_empty_name_finds_nothing() -> None:
    assert near_names("ZZZZZZ", KNOWN) == near_names("--", KNOWN) == []


@given(st.text(max_size=20), st.text(max_size=20))
def test_nearness_is_a_ratio(name: str, known: str) -> None:
    assert 0 <= nearness(name, known) <= 1
