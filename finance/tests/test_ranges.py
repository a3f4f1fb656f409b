"""Range headers, by RFC 9110."""

from __future__ import annotations

import pytest

from finance.domain.errors import RangeError
from finance.domain.ranges import Part, part_of


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-9", Part(0, 10)),
        ("bytes=90-", Part(90, 100)),
        ("bytes=90-1000", Part(90, 100)),
        ("bytes=-10", Part(90, 100)),
        ("bytes=-1000", Part(0, 100)),
        ("", None),
        ("bytes=-", None),
        ("bytes=9-3", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-9", None),
        ("bytes=x-9", None),
    ],
)
def test_a_header_names_a_part_or_the_whole(header: str, part: Part | None) -> None:
    assert part_of(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_part_beyond_the_end_is_an_error(header: str) -> None:
    with pytest.raises(RangeError, match="100 bytes"):
        part_of(header, 100)


def test_a_part_knows_its_size() -> None:
    assert Part(10, 25).size == 15
