from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from quality.models import Issue, PendingReview
from quality.services import claim_reviews, queue_reviews, raise_findings
from quality.tests.building import NOW, bare_lot, finding, rule

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rules")]


def at_once(count: int, work: Callable[[], object]) -> None:
    barrier = Barrier(count)

    def run() -> None:
        barrier.wait(timeout=10)
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(run) for _ in range(count)]:
            done.result(timeout=30)


def test_detectors_at_once_raise_one_issue() -> None:
    standing = rule()
    at_once(4, lambda: raise_findings(rule=standing, findings=[finding()], now=NOW))
    assert Issue.objects.count() == 1
    assert Issue.objects.get().number == "Q-000001"


def test_detectors_at_once_give_out_numbers_without_gaps() -> None:
    standing = rule()
    names = iter(["a", "b", "c", "d"])
    at_once(4, lambda: raise_findings(rule=standing, findings=[finding(next(names))], now=NOW))
    numbers = sorted(Issue.objects.values_list("number", flat=True))
    assert numbers == ["Q-000001", "Q-000002", "Q-000003", "Q-000004"]


def test_lot_changed_from_two_sides_stands_in_the_queue_once() -> None:
    lot = bare_lot("A-1")
    at_once(3, lambda: queue_reviews(lot_ids=[lot.pk], now=NOW))
    assert PendingReview.objects.count() == 1


def test_review_claimed_by_one_worker_is_left_by_the_other() -> None:
    queue_reviews(lot_ids=[bare_lot("A-1").pk], now=NOW)
    seen: list[int] = []

    def other() -> None:
        with transaction.atomic():
            seen.append(len(claim_reviews(now=NOW, limit=5, is_settled=True)))
        connection.close()

    with transaction.atomic():
        claimed = claim_reviews(now=NOW, limit=5, is_settled=True)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(other).result(timeout=10)
    assert (len(claimed), seen) == (1, [0])
