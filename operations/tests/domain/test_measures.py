from __future__ import annotations

import math

import pytest

from operations.domain.measures import Scaled, figures, scaled


@pytest.mark.parametrize(
    ("units", "scale", "expected"),
    [
        ("A", 3, Scaled(1000.0, "mA")),
        ("Hz", -6, Scaled(1e-6, "MHz")),
        ("V", None, Scaled(1.0, "V")),
        ("V", 1, Scaled(1.0, "V")),
        ("", 3, Scaled(1.0, "")),
        ("V", 2, Scaled(100.0, "%")),
    ],
)
def test_values_are_shown_as_the_file_asks(units: str, scale: int | None, expected: Scaled) -> None:
    assert scaled(units, scale) == expected


def test_what_was_not_measured_is_a_dash() -> None:
    assert scaled("A", 3).shown(None) == "—"
    assert scaled("A", 3).shown(math.nan) == "—"
    assert scaled("A", 3).shown(0.0125) == "12.5"


def test_figures_are_five_and_powers_of_ten_are_rare() -> None:
    assert [figures(value) for value in (0, 1.234567, 123456.0, 2.5e-9, -3e7)] == [
        "0", "1.2346", "1.2346e+05", "2.5000e-09", "-3.0000e+07",
    ]  # fmt: skip
