from __future__ import annotations

from collections.abc import Sequence

import pytest

from testing.domain.copies import Copy, are_copies

WHOLE, CUT = Copy(True, 10, "b"), Copy(False, 12, "a")


def test_a_whole_copy_is_worth_more_than_a_cut_one_with_more_insertions() -> None:
    assert max(WHOLE, CUT, key=lambda copy: copy.worth) is WHOLE
    assert max(CUT, Copy(False, 12, "c"), key=lambda copy: copy.worth).sha256 == "c"
    assert max(WHOLE, Copy(True, 10, "z", doubt_count=1), key=lambda copy: copy.worth) is WHOLE


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


def die(number: int, *rest: object) -> tuple[object, ...]:
    """A mark: its name and place, and what the tester found."""
    return (str(number), number, 0, *rest)


def test_a_third_left_as_it_was_tells_a_copy_by_what_no_other_die_has() -> None:
    good = [die(number, 1, 1_000 + number) for number in range(30)]
    flipped = [*good[:10], *(die(number, 1, 9_000 + number) for number in range(10, 30))]
    assert are_copies(CUT, WHOLE, flipped, good)


def test_two_whole_files_differ_in_few_places_where_one_is_a_copy() -> None:
    """Few bits turned over leave every record whole; of much else it is another session."""
    good = [die(number, 1, 1_000 + number) for number in range(30)]
    changed = [die(number, 1, 9_000 + number) for number in range(30)]
    assert are_copies(WHOLE, WHOLE, [*good[:28], *changed[28:]], good)
    assert not are_copies(WHOLE, WHOLE, [*good[:20], *changed[20:]], good)


def test_dies_of_another_wafer_that_pass_alike_are_no_copy() -> None:
    """Where nothing but names tells dies apart, four in five alike say nothing."""
    good = [die(number, 1, 0) for number in range(30)]
    other = [*good[:24], *(die(number, 5, 0) for number in range(24, 30))]
    assert not are_copies(CUT, WHOLE, other, good)


def test_whole_files_of_wafers_that_nearly_all_pass_are_no_copies() -> None:
    good = [die(number, 1, 0) for number in range(40)]
    other = [*good[:39], die(39, 5, 0)]
    assert not are_copies(WHOLE, WHOLE, other, good)
    assert are_copies(WHOLE, WHOLE, good, good)
