"""How often people agreed with a detector."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quality.selectors.hit_rates import HitRate, hit_rates
from quality.services import clear_causes, dismiss_issue, resolve_issue
from quality.tests.building import NOW, person, raised, rule

pytestmark = pytest.mark.usefixtures("rules")


def rate(days: float | None = None) -> HitRate:
    since = None if days is None else NOW - timedelta(days=days)
    return next(one for one in hit_rates(since) if one.rule == rule())


def test_a_rule_that_found_nothing_has_no_rate() -> None:
    found = rate()
    assert (found.raised, found.ratio, found.interval, found.waited_hours) == (0, None, None, None)


def test_decisions_of_people_are_counted() -> None:
    ann, later = person(), NOW + timedelta(hours=3)
    for key in ("a", "b"):
        resolve_issue(issue=raised(key), actor=ann, cause="oven", note="mended", at=later)
    dismiss_issue(issue=raised("c"), actor=ann, reason="a trial", at=later)
    raised("d")
    found = rate()
    assert (found.raised, found.open, found.confirmed, found.dismissed) == (4, 1, 2, 1)
    assert (found.ratio, found.waited_hours) == (2 / 3, 3.0)
    assert found.interval is not None
    assert found.interval.low < 2 / 3 < found.interval.high


def test_what_went_by_itself_counts_for_neither() -> None:
    clear_causes(rule=rule(), issues=[raised()], now=NOW)
    found = rate()
    assert (found.cleared, found.decided, found.ratio) == (1, 0, None)


def test_only_issues_of_the_time_asked_count() -> None:
    raised("a")
    assert (rate(-1).raised, rate(1).raised, rate().raised) == (0, 1, 1)
