from __future__ import annotations

import pytest

from quality.domain.partial import Partial, first_of, resting_on


@pytest.mark.parametrize(("count", "is_partial"), [(2, True), (3, False), (4, False)])
def test_answer_is_partial_when_there_are_more_rows_than_were_read(
    count: int, is_partial: bool
) -> None:
    read = first_of([1, 2, 3], count)
    assert (read, isinstance(read, Partial)) == ([1, 2, 3][:count], is_partial)


def test_what_rests_on_one_partial_answer_is_partial() -> None:
    assert isinstance(resting_on([1], [1], Partial([1])), Partial)
    assert not isinstance(resting_on([1], [1], [2]), Partial)
