from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lots.domain.moments import Moment, asked_moment
from supplychain.base.errors import MalformedError


def test_nothing_asked_is_now() -> None:
    assert asked_moment("", "") is None


def test_a_seq_and_a_time_are_read() -> None:
    assert asked_moment("12", "") == Moment(seq=12)
    moment = Moment(happened_by=datetime(2026, 3, 2, 14, 5, tzinfo=UTC))
    assert asked_moment("", "2026-03-02T14:05:00Z") == moment
    assert asked_moment("", "2026-03-02T15:05:00 01:00") == moment


@pytest.mark.parametrize(
    ("seq", "time"),
    [("1", "2026-03-02T14:05Z"), ("-1", ""), ("x", ""), (str(2**63), ""), ("²", "")],
)
def test_both_clocks_and_no_number_are_refused(seq: str, time: str) -> None:
    with pytest.raises(MalformedError):
        asked_moment(seq, time)


@pytest.mark.parametrize("time", ["yesterday", "2026-03-02T14:05:00", "0001-01-01T00:00:00+10:00"])
def test_a_time_needs_its_zone(time: str) -> None:
    with pytest.raises(MalformedError, match="with its zone"):
        asked_moment("", time)
