"""Limits that people approve: what history proposes, and which version counts when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from quality.domain.dispersion import Count
from quality.domain.limit_sets import (
    LimitAsked,
    Proposal,
    Quartiles,
    band_of,
    in_force,
    lot_proposal,
    part_proposal,
    state_at,
    without_history,
)
from quality.domain.limits import Side
from quality.domain.wafer_maps import neighbour_residuals
from quality.domain.words import LimitKind, LimitState

T0 = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    number: int
    valid_day: int | None = None
    withdrawn_day: int | None = None

    @property
    def approved_at(self) -> datetime | None:
        return self.valid_from

    @property
    def valid_from(self) -> datetime | None:
        return None if self.valid_day is None else day(self.valid_day)

    @property
    def withdrawn_at(self) -> datetime | None:
        return None if self.withdrawn_day is None else day(self.withdrawn_day)


def day(number: int) -> datetime:
    return T0 + timedelta(days=number)


def lots(*percents: int, units: int = 10_000) -> list[Count]:
    return [Count(percent * units // 100, units) for percent in percents]


def test_one_lot_gives_no_limit() -> None:
    assert lot_proposal(lots(90), 3, Side.LOW) is None


def test_short_history_gives_a_prediction_limit() -> None:
    found = lot_proposal(lots(88, 90, 92, 89, 91, 90), 3, Side.LOW)
    assert found is not None
    assert found.method == "prediction-3s-v1"
    assert found.high is None
    # mean 0.9, s 0.0141421, t(0.00135; 5) = 5.5070, sqrt(7/6) = 1.0801
    assert found.low == pytest.approx(0.9 - 5.5070 * 1.0801 * 0.0141421, abs=1e-5)
    assert not found.is_provisional


def test_under_six_lots_a_limit_is_provisional() -> None:
    found = lot_proposal(lots(88, 90, 92, 89, 91), 3, Side.LOW)
    assert found is not None
    assert found.is_provisional


def test_long_history_is_not_moved_by_a_few_bad_lots() -> None:
    percents = [88, 89, 90, 91, 92] * 8
    clean = lot_proposal(lots(*percents), 3, Side.LOW)
    dirty = lot_proposal(lots(*percents, 20, 30), 3, Side.LOW)
    assert clean is not None
    assert dirty is not None
    assert clean.low == pytest.approx(0.9 - 3 * 0.02 / 1.35)
    assert dirty.low == pytest.approx(clean.low, abs=0.02)
    assert clean.method == "robust-3s-v1"


def test_lots_all_alike_still_differ_by_chance() -> None:
    found = lot_proposal([Count(900, 1000)] * 40, 3, Side.HIGH)
    assert found is not None
    assert found.high == pytest.approx(0.9 + 3 * (0.9 * 0.1 / 1000) ** 0.5, abs=1e-4)


def test_limits_stay_between_nothing_and_everything() -> None:
    low = lot_proposal(lots(5, 60, 99), 3, Side.LOW)
    high = lot_proposal(lots(5, 60, 99), 3, Side.HIGH)
    assert low is not None
    assert high is not None
    assert (low.low, high.high) == (0.0, 1.0)


def test_six_lots_alarm_no_more_often_than_three_sigma_should() -> None:
    """By 4,000 series: a plain mean - 3s of six lots would alarm on 1.95 % of ordinary lots."""
    passed, alarms = np.random.default_rng(1).normal(80_000, 2_000, (4000, 7)), 0
    for row in passed.round().astype(int).tolist():
        values = [Count(one, 100_000) for one in row]
        found = lot_proposal(values[:6], 3, Side.LOW)
        assert found is not None
        assert found.low is not None
        alarms += values[6].ratio < found.low
    assert alarms / 4000 < 0.004


def test_part_limits_are_never_looser_than_the_specification() -> None:
    found = part_proposal(Quartiles(9, 10, 11.7, 600, 6), 6, low=5, high=None)
    assert found is not None
    assert found.low == 5
    assert found.high == pytest.approx(10 + 6 * 2.7 / 1.35)
    assert not found.is_provisional


@pytest.mark.parametrize(("parts", "lots"), [(600, 5), (179, 6)])
def test_part_limits_from_little_are_provisional(parts: int, lots: int) -> None:
    found = part_proposal(Quartiles(9, 10, 11, parts, lots), 6)
    assert found is not None
    assert found.is_provisional


def test_values_without_spread_give_no_part_limit() -> None:
    assert part_proposal(Quartiles(10, 10, 10, 600, 6), 6) is None


def test_a_band_needs_both_limits() -> None:
    assert band_of(Proposal(0.5, None, None, None, "spec-v1", False)) is None
    whole = band_of(Proposal(1, 2, 3, 0.1, "aec-q001-v1", False))
    assert whole is not None
    assert (whole.low, whole.high) == (1, 3)


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        (LimitKind.SPEC, "spec-v1"),
        (LimitKind.DYNAMIC_PAT, "aec-q001-dynamic-v1"),
        (LimitKind.GDBN, "gdbn-v1"),
    ],
)
def test_some_kinds_need_no_history(kind: LimitKind, method: str) -> None:
    found = without_history(LimitAsked(1, "CP1", kind, ratio_min=0.7))
    assert found is not None
    assert found.method == method
    assert found.low == (0.7 if kind is LimitKind.SPEC else None)


def test_other_kinds_are_computed() -> None:
    assert without_history(LimitAsked(1, "CP1", LimitKind.SYL)) is None


def test_the_highest_version_that_has_begun_counts() -> None:
    versions = [Version(1, 0), Version(2, 5), Version(3, 9), Version(4)]
    assert in_force(versions, day(-1)) is None
    assert in_force(versions, day(4)) == versions[0]
    assert in_force(versions, day(5)) == versions[1]
    assert in_force(versions, day(30)) == versions[2]


def test_after_a_withdrawal_no_older_version_steps_in() -> None:
    versions = [Version(1, 0), Version(2, 5, withdrawn_day=7)]
    assert in_force(versions, day(6)) == versions[1]
    assert in_force(versions, day(7)) is None


def test_a_version_withdrawn_before_it_began_never_was() -> None:
    versions = [Version(1, 0), Version(2, 5, withdrawn_day=3)]
    assert in_force(versions, day(6)) == versions[0]


def test_each_version_says_where_it_stands() -> None:
    versions = [
        Version(1, 0),
        Version(2, 5),
        Version(3, 20),
        Version(4),
        Version(5, withdrawn_day=1),
    ]
    assert [state_at(one, versions, day(6)) for one in versions] == [
        LimitState.SUPERSEDED,
        LimitState.IN_FORCE,
        LimitState.COMING,
        LimitState.DRAFT,
        LimitState.WITHDRAWN,
    ]


def test_residuals_take_away_what_neighbours_share() -> None:
    values = {(x, y): float(x) for x in range(3) for y in range(3)}
    values[1, 1] = 9.0
    found = neighbour_residuals(values)
    assert found[1, 1] == 8.0
    assert found[0, 0] == -1.0


def test_a_die_with_few_neighbours_has_no_residual() -> None:
    assert neighbour_residuals({(0, 0): 1.0, (1, 0): 2.0}) == {}
