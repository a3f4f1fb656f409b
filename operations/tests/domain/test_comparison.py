from __future__ import annotations

from datetime import UTC, datetime, timedelta

from operations.domain.comparison import Passage, beside, days_at_steps

START = datetime(2026, 3, 1, tzinfo=UTC)


def passage(lot: int, step_from: int | None, step_to: int | None, day: float) -> Passage:
    return Passage(lot, step_from, step_to, START + timedelta(days=day))


def test_the_median_of_the_others_is_usual() -> None:
    assert beside(0.4, [0.9, 0.1, 0.8]).usual == 0.8


def test_too_few_others_say_nothing() -> None:
    found = beside(0.4, [0.9, 0.8])
    assert (found.usual, found.lot_count) == (None, 2)


def test_days_run_from_coming_to_leaving() -> None:
    passages = [
        passage(1, None, 10, 0),
        passage(2, 9, 10, 1),
        passage(1, 10, 10, 2),
        passage(1, 10, 11, 3),
        passage(2, 10, None, 5.5),
    ]
    assert days_at_steps(passages, 20) == {10: (3.0, 4.5)}


def test_a_lot_whose_coming_is_unknown_is_left_out() -> None:
    assert days_at_steps([passage(1, 10, 11, 3)], 20) == {}


def test_the_latest_to_leave_count() -> None:
    passages = [
        one for lot in range(5) for one in (passage(lot, None, 10, 0), passage(lot, 10, 11, lot))
    ]
    assert days_at_steps(passages, 2) == {10: (3.0, 4.0)}


def test_late_reports_never_give_less_than_no_days() -> None:
    assert days_at_steps([passage(1, None, 10, 5), passage(1, 10, 11, 3)], 20) == {10: (0.0,)}
