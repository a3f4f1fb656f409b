from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from testing.domain.identity import stored_text, unit_keys
from testing.domain.records import MISSING_COORDINATE
from testing.tests.builders import Part, parts_of


def keys(*parts: Part) -> list[str]:
    return unit_keys(parts_of(parts), [40, 50], run_id=7)


def test_a_die_is_known_by_wafer_and_position() -> None:
    assert keys(Part(place=(1, -3, 4), part_id="99")) == ["50:-3:4"]


def test_a_part_off_a_wafer_is_known_by_its_part_id() -> None:
    assert keys(Part(part_id=" C1 ")) == ["C1"]


def test_a_die_without_both_coordinates_is_known_by_wafer_and_part_id() -> None:
    assert keys(Part(place=(0, 3, MISSING_COORDINATE), part_id="8")) == ["40/8"]


def test_a_nameless_part_is_known_only_within_its_run() -> None:
    assert keys(Part(part_id="C1"), Part(part_id=" ")) == ["C1", "run-7:1"]


def test_text_is_cut_without_leaving_a_blank_at_the_end() -> None:
    assert stored_text(" ab cd", 3) == "ab"


@given(st.text(st.characters(), max_size=20))
def test_stored_text_can_always_be_written(text: str) -> None:
    stored = stored_text(text, 10)
    assert "\0" not in stored
    assert len(stored.encode("utf-8").decode("utf-8")) <= 10
