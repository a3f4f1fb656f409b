"""Lots on which a detector breaks off, and answers that were cut off: the others lose nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from lots.models import Lot
from quality.detectors import frame
from quality.detectors.frame import register_detector, register_lot_detector
from quality.detectors.running import find_everywhere, review_changed_lots
from quality.domain.findings import Finding
from quality.domain.partial import Partial
from quality.domain.words import IssueState
from quality.models import Issue, PendingReview
from quality.services import queue_reviews
from quality.tests.building import NOW, bare_lot, finding

pytestmark = pytest.mark.usefixtures("rules")

LATER = NOW + timedelta(hours=1)


class Picky:
    """Finds every lot bad; breaks off on the odd, and reads no more than so many lots at once."""

    code = "picky"
    description = "Breaks off on odd lots."
    is_timed = True

    def __init__(self, *odd: Lot, lots_max: int = 99, is_quiet: bool = False) -> None:
        self.odd, self.lots_max, self.is_quiet = {lot.pk for lot in odd}, lots_max, is_quiet

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        if self.odd & set(lot_ids):
            raise ValueError("one odd lot")
        read = [] if self.is_quiet else lot_ids[: self.lots_max]
        found = [finding(f"bad {lot_id}", lot_id=lot_id) for lot_id in read]
        return found if len(lot_ids) <= self.lots_max else Partial(found)

    def find(self, now: datetime) -> list[Finding]:
        lots = list(Lot.objects.order_by("pk").values_list("pk", flat=True))
        return self.judge(lots, {}, now)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No detectors but those that the test registers."""
    monkeypatch.setattr(frame, "_registry", frame.Registry(whole={}, by_lot={}))
    yield


def lots(count: int) -> list[Lot]:
    return [bare_lot(f"A-{number}") for number in range(count)]


def review(*judged: Lot, now: datetime = LATER) -> None:
    queue_reviews(lot_ids=[lot.pk for lot in judged], now=NOW)
    review_changed_lots(now=now)


def bad() -> set[str]:
    rows = Issue.objects.filter(cause_key__startswith="bad ", state=IssueState.OPEN)
    return set(rows.values_list("lot__code", flat=True))


def failure() -> Issue:
    return Issue.objects.get(cause_key="detector-failed:picky")


def test_one_odd_lot_keeps_the_detector_from_itself_alone() -> None:
    odd, *plain = lots(5)
    register_lot_detector(Picky(odd))
    review(odd, *plain)
    assert bad() == {lot.code for lot in plain}
    assert list(PendingReview.objects.values_list("lot__code", flat=True)) == [odd.code]


def test_failure_names_the_lots_that_failed() -> None:
    first, second, *plain = lots(5)
    register_lot_detector(Picky(first, second))
    review(first, second, *plain)
    assert set(failure().evidence["facts"]["lot_ids"]) == {first.pk, second.pk}
    assert failure().events.count() == 1


def test_failure_told_over_two_batches_is_over_with_the_last_of_its_lots() -> None:
    first, second = lots(2)
    picky = Picky(first, second)
    register_lot_detector(picky)
    review(first)
    review(second)
    states = []
    for lot in (first, second):
        picky.odd -= {lot.pk}
        PendingReview.objects.all().delete()
        review(lot, now=LATER + timedelta(minutes=1))
        states.append(failure().state)
    assert states == [IssueState.OPEN, IssueState.RESOLVED]


def test_lots_are_struck_off_in_the_history() -> None:
    first, second = lots(2)
    picky = Picky(first, second)
    register_lot_detector(picky)
    review(first, second)
    picky.odd -= {first.pk}
    review(first, second)
    assert failure().events.latest("id").note == "Came to its end on 1 of 2 lots."


def test_lot_that_was_struck_off_and_fails_again_the_same_day_is_not_forgotten() -> None:
    first, second = lots(2)
    picky = Picky(first, second)
    register_lot_detector(picky)
    review(first, second)
    picky.odd = {second.pk}
    review(first)
    picky.odd = {first.pk, second.pk}
    review(first, second, now=LATER + timedelta(hours=1))
    picky.odd = {first.pk}
    review(second, now=LATER + timedelta(hours=2))
    assert failure().state == IssueState.OPEN


def test_failure_that_came_back_is_over_with_its_new_lots() -> None:
    first, second = lots(2)
    picky = Picky(first)
    register_lot_detector(picky)
    review(first)
    picky.odd = set()
    review(first, now=LATER + timedelta(hours=1))
    picky.odd = {second.pk}
    review(second)
    assert failure().state == IssueState.OPEN
    picky.odd = set()
    review(second, now=LATER + timedelta(hours=1))
    assert failure().state == IssueState.RESOLVED


def test_too_many_lots_to_read_at_once_are_asked_half_by_half() -> None:
    all_of_them = lots(5)
    register_lot_detector(Picky(lots_max=1))
    review(*all_of_them)
    assert bad() == {lot.code for lot in all_of_them}


def test_lot_too_large_to_read_whole_keeps_its_issues() -> None:
    (lot,) = lots(1)
    picky = Picky()
    register_lot_detector(picky)
    review(lot)
    picky.lots_max, picky.is_quiet = 0, True
    review(lot)
    assert bad() == {lot.code}


def test_what_a_cut_off_answer_does_not_name_stays() -> None:
    many = lots(3)
    picky = Picky()
    register_detector(picky)
    find_everywhere(now=NOW, is_timed=True)
    picky.lots_max = 2
    find_everywhere(now=LATER, is_timed=True)
    assert bad() == {lot.code for lot in many}
