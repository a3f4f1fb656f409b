"""Names in test files that are not as they should be: with null characters, or none at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from intake.domain.words import FileState
from intake.tests.handing import loaded
from intake.tests.stdf_builder import sort_file
from lots.models import Lot
from lots.tests.making import wafer_lot
from testing.models import UnitResult


@pytest.fixture
def w1(material: Path) -> Lot:
    return wafer_lot("W1", step="CP1")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"lot": "W\x009"}, "There is no lot W9."),
        ({"lot": "W1", "flow": "CP1", "wafers": ("7\x007",)}, "Lot W1 has no wafer 77."),
        ({"lot": "W1", "flow": "CP1", "part_type": "TR\x00N2"}, "about TRN2, but lot W1 holds"),
        ({"lot": "W1", "flow": "C\x00P9"}, "step of lot W1 cannot be told: FLOW_ID is 'CP9'"),
    ],
)
def test_null_characters_in_names_are_left_out_before_they_are_matched(
    w1: Lot, words: dict[str, Any], reason: str
) -> None:
    file = loaded(sort_file(**words))
    assert file.state == FileState.UNMATCHED
    assert reason in file.message


def test_a_file_with_null_characters_in_its_names_is_loaded_and_says_so(w1: Lot) -> None:
    words: dict[str, Any] = {
        "lot": "W\x001",
        "flow": "CP1",
        "wafers": ("\x001\x00",),
        "revision": "R\x00A",
    }
    file = loaded(sort_file(**words))
    assert file.state == FileState.LOADED
    assert any("null characters" in note for note in file.summary["notes"])


def test_dies_of_wafers_without_a_name_are_no_retests_of_each_other(w1: Lot) -> None:
    file = loaded(sort_file(lot="NEW7", wafers=("", "")), creates_lots=True)
    assert file.state == FileState.LOADED
    assert UnitResult.objects.filter(run=file.run, attempt=1).count() == 8
