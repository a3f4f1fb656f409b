"""Lots of parts without serials as people write them."""

from __future__ import annotations

import pytest

from lots.domain.commands import Material
from lots.domain.materials import named_materials
from supplychain.base.errors import MalformedError


def test_lots_and_counts_stand_with_blanks_commas_or_lines_between() -> None:
    assert named_materials(" HBM-1=8, HBM=2=4\nC=1,HBM 1/A=3 ,") == (
        Material("HBM-1", 8), Material("HBM=2", 4), Material("C", 1), Material("HBM 1/A", 3),
    )  # fmt: skip
    assert named_materials("") == ()


@pytest.mark.parametrize(
    "text",
    ["HBM-1", "HBM-1=", "=8", "HBM-1=-8", "HBM-1=8.5", "A=\u0663", "A=" + 4301 * "9", "A=1 B"],
)
def test_what_is_no_count_is_refused_by_name(text: str) -> None:
    with pytest.raises(MalformedError, match="names no material"):
        named_materials(text)


def test_nothing_taken_is_no_material() -> None:
    with pytest.raises(MalformedError, match="leave it out"):
        named_materials("HBM-1=0")
