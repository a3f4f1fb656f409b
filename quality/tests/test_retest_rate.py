"""Lots with more retests, or more units saved by them, than good contact explains."""

from __future__ import annotations

import pytest

from lots.models import Lot
from quality.detectors.retests import RetestRate
from quality.detectors.running import review_changed_lots
from quality.domain.findings import Finding
from quality.models import Issue
from quality.services import queue_reviews
from quality.tests.building import NOW, Figures, bare_lot, ordinary_lots

pytestmark = pytest.mark.usefixtures("rules")


def judged(lot: Lot) -> list[Finding]:
    return RetestRate().judge([lot.pk], {}, NOW)


def lot_of(first: int, final: int, code: str = "ODD", days: float = 50, units: int = 200) -> Lot:
    """Every unit that failed first was tested again."""
    lot = bare_lot(code)
    Figures(passed=final, first_passed=first, tested=units, days=days).of(lot)
    return lot


def test_too_many_retests_are_found() -> None:
    (found,) = judged(lot_of(160, 165))
    assert found.title == "20.0% of the units of ODD at FT-HOT were tested again, limit 5.0%"
    assert (found.evidence.value, found.evidence.limit, found.evidence.n) == (0.2, 0.05, 200)
    assert found.cause_key == "retest-rate:TRN3:FT-HOT:retest-share"


def test_a_share_that_chance_may_have_lifted_over_the_limit_is_not_found() -> None:
    assert judged(lot_of(187, 188)) == []


def test_a_lot_with_few_units_says_nothing() -> None:
    assert judged(lot_of(8, 9, units=19)) == []


def test_units_that_mostly_recover_point_to_contact() -> None:
    (found,) = judged(lot_of(188, 200))
    assert found.title == "100.0% of the retested units of ODD at FT-HOT recovered, limit 50.0%"
    assert found.evidence.n == 12


def test_a_lot_of_which_nothing_was_tested_again_says_nothing() -> None:
    lot_of(200, 200, "NONE", 1)
    assert judged(lot_of(200, 200)) == []


def test_few_retested_units_that_recover_say_nothing() -> None:
    assert judged(lot_of(194, 200)) == []


def test_what_lots_of_the_product_always_do_is_not_found() -> None:
    for day in range(8):
        lot_of(160 + day % 3, 165, f"L-{day}", day)
    assert judged(lot_of(159, 165)) == []


def test_more_than_lots_of_the_product_always_do_is_found() -> None:
    for day in range(8):
        lot_of(180 + day % 3, 185, f"L-{day}", day)
    (found,) = judged(lot_of(120, 125))
    assert found.evidence.facts["is_provisional"] is False
    assert len(found.evidence.baseline) == 8
    (picture,) = found.evidence.pictures
    assert len(picture.points) == 9
    assert (picture.points[-1].value, picture.high) == (found.evidence.value, found.evidence.limit)
    assert picture.rule == "surely above its limit, and above earlier lots"


def test_ordinary_lots_are_not_found() -> None:
    lots = ordinary_lots(20)
    assert RetestRate().judge([lot.pk for lot in lots], {}, NOW) == []


def test_lots_of_one_series_are_one_issue() -> None:
    lots = [lot_of(150, 155, "A", 1), lot_of(140, 145, "B", 2)]
    queue_reviews(lot_ids=[lot.pk for lot in lots], now=NOW)
    review_changed_lots(now=NOW, is_settled=True)
    queue_reviews(lot_ids=[lot.pk for lot in lots], now=NOW)
    review_changed_lots(now=NOW, is_settled=True)
    issue = Issue.objects.get(rule__detector="retest-rate")
    assert issue.lot == lots[0]
    assert set(issue.events.values_list("kind", flat=True)) == {"opened", "found-again"}
