from __future__ import annotations

import pytest

from operations.domain.orientation import Orientation, agreed


def test_what_is_recorded_is_said() -> None:
    told = Orientation("U", "L", "U", 26.0, 33.5)
    assert told.words == "Notch or flat up; X grows to the left, Y grows upwards."
    assert (told.x_sign, told.y_sign, told.die_words) == (-1, -1, "26 \u00d7 33.5 mm")


def test_what_is_not_recorded_is_said_too() -> None:
    words = Orientation().words
    assert words.startswith("Notch not recorded; X drawn to the right, its direction is not")
    assert (Orientation().x_sign, Orientation().y_sign, Orientation().die_words) == (1, 1, "")


def test_files_that_do_not_say_leave_those_that_do() -> None:
    both = [Orientation("D", "R", "", 26.0, 33.0), Orientation("", "R", " ")]
    assert agreed(both) == Orientation("D", "R", "", 26.0, 33.0)


@pytest.mark.parametrize("letter", ["L", "U", "R"])
def test_files_that_differ_leave_it_unknown(letter: str) -> None:
    sizes = (26.0, 33.0)
    found = agreed([Orientation("D", "R", "D", *sizes), Orientation(letter, "L", "U", 25.0, 33.0)])
    assert found == Orientation()


def test_without_files_nothing_is_known() -> None:
    assert agreed([]) == Orientation()
