"""Answers that were cut off: what is not in them may be there all the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")
Row_co = TypeVar("Row_co", covariant=True)


class Partial(list[T]):
    """The first of more than were read."""


class Rows(Protocol[Row_co]):
    """What can be read from the front: a query, a list."""

    def __getitem__(self, part: slice, /) -> Iterable[Row_co]: ...


def first_of(rows: Rows[T], count: int) -> list[T]:
    """At most so many; a Partial when there are more. Reads one more to know."""
    read = list(rows[: count + 1])
    return read if len(read) <= count else Partial(read[:count])


def resting_on(found: Iterable[T], *answers: object) -> list[T]:
    """What was found in these answers; a Partial when one of them is."""
    return Partial(found) if any(isinstance(one, Partial) for one in answers) else list(found)
