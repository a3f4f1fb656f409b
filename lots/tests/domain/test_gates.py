from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.domain.gates import (
    WAIVER_DAYS_MAX,
    Grant,
    WaiverOrder,
    WaiverState,
    hours_waited,
    is_sampled,
    overtime,
    waiver_fault,
    waiver_state,
)
from lots.domain.words import Gate
from supplychain.base.errors import MalformedError

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def order(**changes: Any) -> WaiverOrder:
    said = {
        "gate": Gate.RESULTS,
        "reason": "tester down",
        "quantity": 25,
        "valid_from": T0,
        "valid_to": T0 + DAY,
    }
    return WaiverOrder(**{**said, **changes})


def grant(**changes: Any) -> Grant:
    said = {
        "is_approved": True,
        "is_revoked": False,
        "valid_from": T0,
        "valid_to": T0 + DAY,
        "left": 10,
    }
    return Grant(**{**said, **changes})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 10_000_001}, "quantity"),
        ({"valid_to": T0}, "valid_to"),
        ({"valid_to": T0 + DAY * WAIVER_DAYS_MAX + timedelta(seconds=1)}, "valid_to"),
    ],
)
def test_boundless_waiver_is_malformed(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedError) as refusal:
        order(**changes)
    assert refusal.value.fields == {"field": field}


def test_waiver_may_last_as_long_as_allowed() -> None:
    assert order(valid_to=T0 + DAY * WAIVER_DAYS_MAX).quantity == 25


@pytest.mark.parametrize(
    ("changes", "at", "fault"),
    [
        ({}, T0, ""),
        ({"left": 7}, T0, ""),
        ({"left": 6}, T0, "has 6 left of 7 needed"),
        ({"is_revoked": True}, T0, "was revoked"),
        ({"is_approved": False}, T0, "is not approved yet"),
        ({}, T0 - DAY, "begins 2026-03-01 08:00 UTC"),
        ({}, T0 + DAY, "ended 2026-03-02 08:00 UTC"),
    ],
)
def test_waiver_that_lets_nothing_pass_says_why(
    changes: dict[str, Any], at: datetime, fault: str
) -> None:
    assert waiver_fault(grant(**changes), 7, at) == fault


@pytest.mark.parametrize(
    ("changes", "now", "state"),
    [
        ({"is_approved": False}, T0, WaiverState.REQUESTED),
        ({}, T0, WaiverState.APPROVED),
        ({"left": 0}, T0, WaiverState.USED_UP),
        ({"is_approved": False}, T0 + DAY, WaiverState.EXPIRED),
        ({}, T0 + DAY, WaiverState.EXPIRED),
        ({"is_revoked": True}, T0 + DAY, WaiverState.REVOKED),
    ],
)
def test_waiver_stands_in_one_state(
    changes: dict[str, Any], now: datetime, state: WaiverState
) -> None:
    assert waiver_state(grant(**changes), now) is state


@given(st.text(max_size=20), st.text(max_size=20))
def test_every_lot_is_measured_where_each_is(lot: str, step: str) -> None:
    assert is_sampled(lot, step, 1)


@given(st.text(max_size=20), st.integers(1, 50))
def test_a_lot_is_sampled_or_not_for_good(lot: str, every: int) -> None:
    assert is_sampled(lot, "WAT", every) is is_sampled(lot, "WAT", every)


def test_about_one_lot_in_five_is_sampled() -> None:
    sampled = sum(is_sampled(f"N3W{number:03d}", "WAT", 5) for number in range(1000))
    assert 150 < sampled < 250


def test_steps_sample_different_lots() -> None:
    lots = [f"N3W{number:03d}" for number in range(100)]
    at_one, at_other = (
        {lot for lot in lots if is_sampled(lot, step, 3)} for step in ("WAT", "SFT")
    )
    assert at_one != at_other


@pytest.mark.parametrize(("hours", "waited"), [(5, 5.0), (0, 0.0), (-2, 0.0)])
def test_waiting_begins_with_arriving(hours: int, waited: float) -> None:
    assert hours_waited(T0, T0 + timedelta(hours=hours)) == pytest.approx(waited)


@pytest.mark.parametrize(
    ("hours", "allowed", "said"),
    [
        (72.0, 72.0, ""),
        (500.0, None, ""),
        (72.25, 72.0, "72.2 hours waited, 72 allowed"),
    ],
)
def test_a_wait_on_the_limit_is_within_it(hours: float, allowed: float | None, said: str) -> None:
    assert overtime(hours, allowed) == said
