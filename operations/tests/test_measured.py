"""Statistics as pages write them."""

from __future__ import annotations

import pytest

from operations.templatetags.measured import percent_at_most


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (0.0, "0.0"),
        (2e-66, "0.1"),
        (1e-9, "0.1"),
        (0.001, "0.1"),
        (0.0301, "3.1"),
        (0.3, "30.0"),
        (1.0, "100.0"),
    ],
)
def test_a_bound_is_never_told_smaller_than_it_is(bound: float, words: str) -> None:
    assert percent_at_most(bound) == words
