from __future__ import annotations

from collections.abc import Sequence

import pytest

from testing.domain.copies import Copy, are_copies

WHOLE, CUT = Copy(True, 10, "b"), Copy(False, 12, "a")


def test_a_whole_copy_is_worth_more_than_a_cut_one_with_more_insertions() -> None:
    assert max(WHOLE, CUT, key=lambda copy: copy.worth) is WHOLE
    assert max(CUT, Copy(False, 12, "c"), key=lambda copy: copy.worth).sha256 == "c"


@pytest.mark.parametrize(
    ("one", "other", "marks", "others", "answer"),
    [
        (WHOLE, WHOLE, range(10), range(10), True),
        (WHOLE, WHOLE, range(10), range(9), False),
        (WHOLE, WHOLE, [1, 1], [1], False),
        (CUT, WHOLE, range(4), range(10), True),
        (CUT, WHOLE, range(1, 11), range(10), True),
        (CUT, WHOLE, range(2, 12), range(10), False),
        (CUT, CUT, [1, 1, 2], [1, 2, 2], False),
        (CUT, WHOLE, [], range(10), False),
    ],
)
def test_copies_tell_of_the_same_insertions(
    one: Copy, other: Copy, marks: Sequence[int], others: Sequence[int], answer: bool
) -> None:
    assert are_copies(one, other, [(m,) for m in marks], [(m,) for m in others]) is answer
    assert are_copies(other, one, [(m,) for m in others], [(m,) for m in marks]) is answer
