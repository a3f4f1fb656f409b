"""Cost variances beyond what a month may have."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from finance.detectors.variances import CostVariance
from finance.domain.variance_limits import MonthVariance, VarianceLimit
from finance.services import post_events
from finance.tests.line import diced, moved, shipped, wafer_lot
from quality.detectors.frame import Finding
from quality.models import Rule

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LIMIT = VarianceLimit(Decimal(10_000), Decimal("0.05"))

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


def month(amount: int, standard: int) -> MonthVariance:
    return MonthVariance(Decimal(amount), Decimal(standard))


def dice(**good: int) -> None:
    """A wafer for each, with so many good dies of 64; 32 are planned, at 687.50."""
    for code, count in good.items():
        wafers = shipped(wafer_lot(code, 1, step="WAT"), "OSAT1", "RCV")
        diced(moved(wafers, "BUMP", "CP1", "CP2", "DICE"), good=count)
    while post_events().events:
        pass


def found(**parameters: float) -> list[Finding]:
    rule, _ = Rule.objects.get_or_create(
        detector=CostVariance.code,
        defaults={"code": CostVariance.code, "severity": "major"},
    )
    rule.parameters = parameters
    rule.save()
    return CostVariance().find(NOW)


def test_small_amounts_are_left_alone_whatever_their_share() -> None:
    assert not month(9_999, 10_000).is_beyond(LIMIT)
    assert month(10_001, 10_000).is_beyond(LIMIT)


def test_large_stages_are_asked_by_their_share() -> None:
    assert not month(50_000, 1_000_000).is_beyond(LIMIT)
    assert month(50_001, 1_000_000).is_beyond(LIMIT)
    assert month(-50_001, 1_000_000).is_beyond(LIMIT)


def test_a_stage_into_which_nothing_came_has_no_share() -> None:
    assert month(10_001, 0).ratio is None
    assert month(10_001, 0).is_beyond(LIMIT)


def test_news_is_another_multiple_of_the_limit() -> None:
    assert [month(amount, 0).times(LIMIT) for amount in (10_001, -19_999, 20_000)] == [1, 1, 2]
    assert month(1, 0).times(VarianceLimit(Decimal(0), Decimal("0.05"))) == 0


def test_a_yield_far_below_standard_is_found() -> None:
    dice(W1=10)
    (one,) = found()
    # 22 dies fewer than planned, of 10 that came in.
    assert one.title == (
        "Yield variance of TRN3-DIE at good-die in 2026-03: 220.0% more than standard"
    )
    assert one.evidence.value == pytest.approx(22 / 10)
    assert one.evidence.limit == pytest.approx(0.05)
    assert one.cause_key == "cost-variance:yield-variance:TRN3-DIE:good-die:USD:loss"


def test_who_reads_issues_is_told_no_amount_of_the_books() -> None:
    dice(W1=10)
    (one,) = found()
    # 22 dies at 687.50 beside 10 that came in; the limit is 10,000.
    told = f"{one.title} {one.revision} {json.dumps(one.evidence.as_json())}".replace(",", "")
    assert [amount for amount in ("15125", "6875", "10000") if amount in told] == []


def test_ordinary_yields_of_a_month_raise_nothing() -> None:
    dice(W1=33, W2=30, W3=34, W4=31, W5=32)
    assert found(amount_min=0.0) == []


def test_a_gain_is_told_as_one() -> None:
    dice(W1=60)
    (one,) = found()
    assert "46.7% less than standard" in one.title
    assert one.cause_key.endswith(":gain")
    assert one.revision == "2026-03: 1 times the limit"


def test_the_limit_is_data() -> None:
    dice(W1=10)
    assert found(amount_min=20_000.0) == []
    assert len(found(amount_min=15_000.0, ratio_max=0.1)) == 1
    assert found(amount_min=100.0, ratio_max=50.0) == []


def test_another_month_is_news_of_the_same_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    dice(W1=10)
    (before,) = found()
    monkeypatch.setattr("finance.tests.line.START", datetime(2026, 4, 2, 12, tzinfo=UTC))
    dice(W2=0)
    (after,) = found()
    assert after.cause_key == before.cause_key
    assert (before.revision, after.revision) == (
        "2026-03: 1 times the limit",
        "2026-04: 2 times the limit",
    )
    assert after.evidence.facts["months"] == [
        {"period": "2026-03", "variance_ratio": pytest.approx(22 / 10), "times_limit": 1},
        {"period": "2026-04", "variance_ratio": None, "times_limit": 2},
    ]
    assert after.title.endswith("2026-04: more than standard, though nothing came in at it")


def test_months_before_the_newest_are_over() -> None:
    dice(W1=10)
    assert found(months=0) == []


def test_queries_do_not_grow_with_wafers(django_assert_max_num_queries: Any) -> None:
    dice(W1=10, W2=10, W3=10)
    found()
    with django_assert_max_num_queries(4):
        assert CostVariance().find(NOW)
