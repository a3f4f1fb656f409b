from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from testing.domain.statements import Authority, BinStatement, LimitStatement

START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("units", "low", "high", "is_silent"),
    [
        ("", None, None, True),
        ("V", None, None, False),
        ("", 0.0, None, False),
        ("", None, 1.0, False),
    ],
)
def test_a_test_with_neither_limits_nor_units_is_silent(
    units: str, low: float | None, high: float | None, is_silent: bool
) -> None:
    assert LimitStatement("parametric", units, 3, low, high).is_silent is is_silent


def test_a_bin_with_neither_name_nor_verdict_is_silent() -> None:
    assert BinStatement("", None).is_silent
    assert not BinStatement("open", None).is_silent
    assert not BinStatement("", passes=False).is_silent


def test_who_counts_speaks_and_began_first_has_the_word() -> None:
    later = START + timedelta(hours=1)
    in_order = [
        Authority(is_left=False, is_silent=False, started_at=START, sha256="b"),
        Authority(is_left=False, is_silent=False, started_at=START, sha256="c"),
        Authority(is_left=False, is_silent=False, started_at=later, sha256="a"),
        Authority(is_left=False, is_silent=True, started_at=START, sha256="a"),
        Authority(is_left=True, is_silent=False, started_at=START, sha256="a"),
    ]
    assert sorted(in_order[n] for n in (3, 0, 4, 2, 1)) == in_order
