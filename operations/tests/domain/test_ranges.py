from __future__ import annotations

import pytest

from operations.domain.ranges import named_wafers
from supplychain.base.errors import MalformedError


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", ()),
        ("1-5, 7", (1, 2, 3, 4, 5, 7)),
        ("W01..W05", (1, 2, 3, 4, 5)),
        ("w3 \u2013 w4; w9", (3, 4, 9)),
        ("3 to 6", (3, 4, 5, 6)),
        ("2 4 9", (2, 4, 9)),
        ("wafers 1-2", (1, 2)),
        ("#7\n#8,", (7, 8)),
    ],
)
def test_ranges_are_read_as_people_write_them(text: str, numbers: tuple[int, ...]) -> None:
    assert named_wafers(text) == numbers


@pytest.mark.parametrize("text", ["five", "5-1", "0", "1--2", "W", "100"])
def test_what_names_no_wafers_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        named_wafers(text)
