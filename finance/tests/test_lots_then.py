"""What is posted is of the event's own time, whenever the poster comes to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from finance.domain.words import Account
from finance.models import LedgerEntry, PostingGap
from finance.services import post_events
from finance.tests.line import command, wafer_lot
from finance.tests.memory import at, parts, sent
from lots.domain.commands import Selection
from lots.domain.orders import AmendOrder
from lots.domain.words import LotPurpose
from lots.models import Event, Lot
from lots.services import (
    amend_lot,
    correct_event,
    frame,
    record_bonus,
    record_loss,
    split_lot,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("parts_cost")]

Story = Callable[[], object]


def made_engineering(lot: Lot) -> Event:
    order = AmendOrder(purpose=LotPurpose.ENGINEERING)
    return amend_lot(lot=lot, order=order, command=command(at=at(20), reason="trial"))


def bought_then_moved() -> None:
    sent(parts(), "ODM1", day=5)


def turned_engineering() -> None:
    made_engineering(wafer_lot("W1", 2, at=at(2), step="RCV"))


def turned_engineering_by_mistake() -> None:
    wrong = made_engineering(wafer_lot("W1", 2, at=at(2), step="RCV"))
    correct_event(event=wrong, command=command(at=at(21), reason="mistake"))


def begun_anew_as_engineering() -> None:
    wafer_lot("W1", 2, at=at(2), step="RCV")
    receipt = Event.objects.get(lot__code="W1")
    correct_event(event=receipt, command=command(at=at(3), reason="mistake"))
    wafer_lot("W1", 2, at=at(4), step="RCV", purpose=LotPurpose.ENGINEERING)


def split_lost_and_found() -> None:
    """What is found of a part split off where the lot had none left stands where it stood."""
    lot = sent(parts(), "ODM1", day=5)
    split_lot(lot=lot, child_code="H1A", selection=Selection(quantity=4), command=command(at=at(6)))
    child = Lot.objects.get(code="H1A")
    record_bonus(lot=child, quantity=1, command=command(at=at(7), reason="found"))
    child = sent(Lot.objects.get(code="H1A"), "OSAT1", day=8)
    record_loss(
        lot=child, selection=Selection(quantity=2), command=command(at=at(9), reason="handling")
    )


def arrived_by_mistake() -> None:
    lot = sent(parts(), "ODM1", day=5)
    wrong = lot.events.latest("seq")
    correct_event(event=wrong, command=command(at=at(6), reason="mistake"))


STORIES = [
    bought_then_moved,
    turned_engineering,
    turned_engineering_by_mistake,
    begun_anew_as_engineering,
    split_lost_and_found,
    arrived_by_mistake,
]


def told(story: Story, *, post_each: bool, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the books say of the story; the database is left as it was."""
    with transaction.atomic(), monkeypatch.context() as patch:
        if post_each:
            patch.setattr(frame, "_followers", [*frame._followers, lambda *_: post_events()])
        story()
        post_events()
        assert not PostingGap.objects.exists()
        rows = LedgerEntry.objects.order_by("seq").values_list(
            "transaction", "line", "kind", "account", "stage", "item", "lot", "quantity",
            "amount", "owner", "custodian", "effective_on", "source_seq",
        )  # fmt: skip
        found = list(rows)
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("story", STORIES)
def test_posted_late_is_posted_as_at_once(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    late = told(story, post_each=False, monkeypatch=monkeypatch)
    assert late == told(story, post_each=True, monkeypatch=monkeypatch)
    assert late


def test_bought_from_who_had_it_first() -> None:
    split_lost_and_found()
    post_events()
    bought = LedgerEntry.objects.filter(account=Account.SUPPLIER)
    assert {(row.owner, row.custodian_id) for row in bought} == {("OSAT1", "OSAT1")}


def test_a_batch_asks_no_more_queries_for_more_lots() -> None:
    def queries_of(*codes: str) -> int:
        for code in codes:
            lot = sent(parts(code), "ODM1", day=5)
            chosen = Selection(quantity=4)
            split_lot(lot=lot, child_code=f"{code}A", selection=chosen, command=command(at=at(6)))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            post_events()
        return len(queries)

    queries_of("H1")
    assert queries_of("H2") == queries_of("H3", "H4", "H5")
