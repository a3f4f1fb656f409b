from __future__ import annotations

import pytest

from operations.domain.cross_checks import (
    Agreement,
    Circumstances,
    Counted,
    check,
    check_bins,
    merged_agreements,
)

CLEAN = Circumstances(is_partial=False, left_out=0)


@pytest.mark.parametrize(
    ("stated", "agreement"),
    [
        (None, Agreement.NOT_STATED),
        (10, Agreement.AGREES),
        (8, Agreement.AGREES_WITH_LAST),
        (9, Agreement.DIFFERS),
        (0, Agreement.DIFFERS),
    ],
)
def test_a_count_agrees_with_insertions_or_with_units(
    stated: int | None, agreement: Agreement
) -> None:
    assert check("parts", stated, Counted(10, 8), CLEAN, "PCR").agreement is agreement


@pytest.mark.parametrize(
    ("stated", "circumstances", "word"),
    [
        (9, Circumstances(is_partial=False, left_out=1), "left out"),
        (9, Circumstances(is_partial=True, left_out=0), "cut"),
        (12, CLEAN, "counted more"),
        (9, CLEAN, "counted less"),
    ],
)
def test_a_difference_says_why_it_may_be(
    stated: int, circumstances: Circumstances, word: str
) -> None:
    assert word in check("parts", stated, Counted(10, 8), circumstances, "PCR").reason


def test_bins_agree_only_if_each_does() -> None:
    counted = {1: Counted(6, 5), 2: Counted(4, 3)}
    found = {
        name: check_bins("hard", stated, counted, CLEAN).agreement
        for name, stated in {
            "insertions": {1: 6, 2: 4},
            "units": {1: 5, 2: 3},
            "swapped": {1: 4, 2: 6},
            "none": {},
        }.items()
    }
    assert found == {
        "insertions": Agreement.AGREES,
        "units": Agreement.AGREES_WITH_LAST,
        "swapped": Agreement.DIFFERS,
        "none": Agreement.NOT_STATED,
    }


def test_bins_that_differ_are_named_up_to_a_few() -> None:
    one = check_bins("soft", {7: 1, 9: 2}, {7: Counted(1, 1)}, CLEAN)
    many = check_bins("soft", dict.fromkeys(range(10), 1), {}, CLEAN)
    assert "Bins 9 differ" in one.reason
    assert "0, 1, 2, 3, 4, 5, 6, 7 and 2 more" in many.reason


def test_counts_that_agree_are_one_line() -> None:
    checks = [
        check("a", 2, Counted(2, 2), CLEAN, "WRR"),
        check("b", 5, Counted(3, 3), CLEAN, "WRR"),
        check("c", 4, Counted(4, 4), CLEAN, "WRR"),
    ]
    merged = merged_agreements(checks, "wafers")
    assert [(one.what, one.stated) for one in merged] == [("wafers, 2 counts", 6), ("b", 5)]
    assert merged_agreements(checks[:2], "wafers") == tuple(checks[:2])
