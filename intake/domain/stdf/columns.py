"""What flags say of an outcome, and columns of several batches joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from testing.domain.records import OUTCOME_CODES, Parts, Readings
from testing.domain.words import Outcome

TIMED_OUT, ABORTED, NO_VERDICT, FAILED = 0x08, 0x20, 0x40, 0x80
PART_ABNORMAL, PART_FAILED, PART_NO_VERDICT = 0x04, 0x08, 0x10

Columns = TypeVar("Columns", Parts, Readings)


def outcome_of_test(flag: int) -> Outcome:
    """By TEST_FLG. Bit 7 counts only when bit 6 is clear; flags are trusted over limits."""
    if flag & ABORTED:
        return Outcome.ABORTED
    if flag & TIMED_OUT:
        return Outcome.TIMEOUT
    if flag & NO_VERDICT:
        return Outcome.UNSET
    return Outcome.FAIL if flag & FAILED else Outcome.PASS


def outcome_of_part(flag: int) -> Outcome:
    """By PART_FLG. Bit 4 makes bit 3 invalid; an abnormal end is neither pass nor fail."""
    if flag & PART_ABNORMAL:
        return Outcome.ABORTED
    if flag & PART_NO_VERDICT:
        return Outcome.UNSET
    return Outcome.FAIL if flag & PART_FAILED else Outcome.PASS


OUTCOME_BY_TEST_FLAG = np.array(
    [OUTCOME_CODES[outcome_of_test(flag)] for flag in range(256)], dtype=np.uint8
)
OUTCOME_BY_PART_FLAG = np.array(
    [OUTCOME_CODES[outcome_of_part(flag)] for flag in range(256)], dtype=np.uint8
)


def joined(kind: type[Columns], batches: list[Columns]) -> Columns:
    """One after the other; the batches are taken out of the list. At least one."""
    taken: dict[str, list[Any]] = {
        one.name: [getattr(batch, one.name) for batch in batches] for one in fields(kind)
    }
    batches.clear()
    return kind(**{name: _joined(taken.pop(name)) for name in list(taken)})


def _joined(pieces: Sequence[Any]) -> Any:
    if len(pieces) == 1:
        return pieces[0]
    if isinstance(pieces[0], list):
        return [value for piece in pieces for value in piece]
    return np.concatenate(pieces)
