from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from operations.domain.turns import Turn, is_double_scan, is_tracking_in

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("turn", "is_at_work", "begins"),
    [
        (Turn.BOTH, False, True),
        (Turn.BOTH, True, False),
        (Turn.IN, True, True),
        (Turn.OUT, False, False),
    ],
)
def test_a_scan_begins_or_ends_the_work(turn: Turn, is_at_work: bool, begins: bool) -> None:
    assert is_tracking_in(turn, is_at_work=is_at_work) is begins


def test_the_same_label_read_twice_is_one_scan() -> None:
    assert is_double_scan(NOW - timedelta(seconds=1), NOW)
    assert not is_double_scan(NOW - timedelta(seconds=5), NOW)
    assert not is_double_scan(None, NOW)
