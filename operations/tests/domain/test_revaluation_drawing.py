from __future__ import annotations

from decimal import Decimal

from finance.domain.revaluations import StockTotal
from operations.domain.revaluation_drawing import draw_differences


def total(carried: int, standard: int) -> StockTotal:
    return StockTotal("DIE", "wafer", "wafer", 1, 1, Decimal(carried), Decimal(standard))


def test_more_stands_right_of_the_middle_and_less_left_of_it() -> None:
    bars = draw_differences([total(100, 60), total(100, 120)])
    assert [(bar.left, bar.width) for bar in bars] == [(0.0, 50.0), (50.0, 25.0)]
    assert [bar.ratio for bar in bars] == [Decimal("-0.4"), Decimal("0.2")]


def test_a_small_difference_can_be_seen_and_none_cannot() -> None:
    bars = draw_differences([total(0, 10**9), total(100, 99), total(100, 100)])
    assert [(bar.left, bar.width) for bar in bars] == [(50.0, 50.0), (49.4, 0.6), (50.0, 0.0)]
    assert bars[0].ratio is None


def test_nothing_has_no_bars() -> None:
    assert draw_differences([]) == []
