"""Conditional requests: 304 while the answer is the same, and only then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from finance.api import registers, sums, uninvoiced, variances
from finance.models import CostVersion, Entity, LedgerRead, Period, RunningRead, StandardCost
from finance.services import close_period, post_events, soft_close_period
from finance.tests.line import moved, shipped, wafer_lot
from finance.tests.memory import approve_parts_cost
from finance.tests.readers import client_of
from lots.models import Product

FINANCE = "/api/v1/finance"
BY_STATE = [
    "balances",
    "rollforward?period=2026-03",
    "variances",
    "variances?format=csv",
    "custodian-statement?custodian=OSAT1",
    "received-not-invoiced",
    "received-not-invoiced?format=csv-excel",
]
"""Their tag is told without summing anything."""

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ledger")]


@pytest.fixture
def ledger(books: None) -> None:
    moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    post_events()


@pytest.fixture
def reader(books: None) -> Client:
    return client_of(User.objects.create_superuser("reader"))


def post_another() -> None:
    shipped(wafer_lot("W2", 1, step="WAT"), "OSAT1", "RCV")
    post_events()


def again(client: Client, address: str, tag: str) -> Any:
    return client.get(f"{FINANCE}/{address}", headers={"If-None-Match": tag})


def tag_of(client: Client, address: str) -> str:
    answer = client.get(f"{FINANCE}/{address}")
    assert answer.status_code == 200, answer.content
    return str(answer["ETag"])


def with_seq(address: str, seq: int) -> str:
    return f"{address}{'&' if '?' in address else '?'}as_of_seq={seq}"


@pytest.mark.parametrize("address", BY_STATE)
def test_what_is_held_is_not_summed_again(
    address: str, reader: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    tag = tag_of(reader, address)
    settings.LEDGER_READS_A_MINUTE = 2
    for module, name in [
        (sums, "balances"), (sums, "rolled_from"), (variances, "variances"),
        (registers, "custody"), (uninvoiced, "uninvoiced"),
    ]:  # fmt: skip
        monkeypatch.delattr(module, name)
    held = [again(reader, address, tag) for _ in range(4)]
    assert {(one.status_code, one["ETag"], one.content) for one in held} == {(304, tag, b"")}
    assert reader.head(f"{FINANCE}/{address}")["ETag"] == tag
    assert (LedgerRead.objects.count(), RunningRead.objects.count()) == (1, 0)


@pytest.mark.parametrize("address", BY_STATE)
def test_what_is_posted_changes_the_tag(address: str, reader: Client) -> None:
    tag = tag_of(reader, address)
    post_another()
    answer = again(reader, address, tag)
    assert (answer.status_code, answer["ETag"] != tag) == (200, True)
    assert again(reader, address, answer["ETag"]).status_code == 304


@pytest.mark.parametrize("address", BY_STATE)
def test_what_is_asked_as_of_a_line_stays_the_same(address: str, reader: Client) -> None:
    tag = tag_of(reader, with_seq(address, 3))
    post_another()
    assert again(reader, with_seq(address, 3), tag).status_code == 304
    assert again(reader, with_seq(address, 4), tag).status_code == 200


def test_each_question_and_format_has_a_tag_of_its_own(reader: Client) -> None:
    asked = ["variances", "variances?item=N3", "variances?kind=N3", "variances?format=csv"]
    assert len({tag_of(reader, one) for one in [*asked, "balances"]}) == 5
    assert tag_of(reader, "variances?item=A&kind=B") == tag_of(reader, "variances?kind=B&item=A")


def test_another_day_is_another_answer_of_what_is_not_invoiced(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = tag_of(reader, "received-not-invoiced")
    monkeypatch.setattr(Entity, "today", lambda _: date(2040, 1, 1))
    assert again(reader, "received-not-invoiced", tag).status_code == 200
    named = tag_of(reader, "received-not-invoiced?as_of_date=2026-05-01")
    monkeypatch.setattr(Entity, "today", lambda _: date(2040, 1, 2))
    held = again(reader, "received-not-invoiced?as_of_date=2026-05-01", named)
    assert held.status_code == 304


def test_a_close_changes_what_the_next_period_opens_with(reader: Client) -> None:
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    tags = {code: tag_of(reader, f"rollforward?period={code}") for code in ("2026-03", "2026-04")}
    ann, bob = User.objects.create_user("ann"), User.objects.create_user("bob")
    period = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=ann)
    assert again(reader, "rollforward?period=2026-04", tags["2026-04"]).status_code == 304
    close_period(period=period, approver=bob)
    assert again(reader, "rollforward?period=2026-04", tags["2026-04"]).status_code == 200
    assert again(reader, "rollforward?period=2026-03", tags["2026-03"]).status_code == 304


def test_an_approval_changes_standard_costs_and_a_posting_does_not(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = tag_of(reader, "standard-costs")
    post_another()
    with monkeypatch.context() as patch:
        patch.delattr(registers, "versioned_costs")
        assert again(reader, "standard-costs", tag).status_code == 304
    approve_parts_cost()
    answer = again(reader, "standard-costs", tag)
    assert (answer.status_code, answer["ETag"] != tag) == (200, True)


def test_a_draft_of_costs_is_tagged_by_what_it_says(reader: Client) -> None:
    before = CostVersion.objects.latest("effective_on")
    later = before.effective_on + timedelta(days=1)
    ann = User.objects.create_user("ann")
    draft = CostVersion.objects.create(code="DRAFT", effective_on=later, prepared_by=ann)
    tag = tag_of(reader, "standard-costs?version=DRAFT")
    assert again(reader, "standard-costs?version=DRAFT", tag).status_code == 304
    StandardCost.objects.create(
        version=draft, item_id="HBM3E-36", stage_id="component", unit_cost=3
    )
    assert again(reader, "standard-costs?version=DRAFT", tag).status_code == 200


def test_items_are_tagged_by_what_they_say(reader: Client) -> None:
    tag = tag_of(reader, "items")
    post_another()
    assert again(reader, "items", tag).status_code == 304
    Product.objects.filter(code="TRN3").update(name="Another name")
    assert again(reader, "items", tag).status_code == 200


@pytest.mark.parametrize("address", ["reconciliation", "assets", "periods/2026-03"])
def test_what_hangs_on_more_than_the_books_is_tagged_by_what_it_says(
    address: str, reader: Client
) -> None:
    tag = tag_of(reader, address)
    held = again(reader, address, tag)
    assert (held.status_code, held.content, held["ETag"]) == (304, b"", tag)
    shipped(wafer_lot("W3", 1, step="WAT"), "OSAT1", "RCV")
    changed = again(reader, address, tag).status_code
    assert changed == (304 if address == "assets" else 200)


def test_an_answer_that_had_to_be_worked_out_counts_as_a_read(reader: Client) -> None:
    tag = tag_of(reader, "reconciliation")
    assert again(reader, "reconciliation", tag).status_code == 304
    last, first = LedgerRead.objects.order_by("-id")
    assert (last.row_count, first.row_count > 0, last.is_whole) == (0, True, True)
