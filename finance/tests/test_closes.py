"""Restating a closed period: a next version with what came late; the first one stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from finance.models import LedgerEntry, Period, PeriodClose
from finance.selectors.closes import (
    close_by_version,
    close_differences,
    close_rows,
    close_totals,
    closes_of,
    late_rows,
)
from finance.services import (
    approve_restatement,
    close_period,
    give_up_restatement,
    post_events,
    prepare_restatement,
    soft_close_period,
)
from finance.tests.line import wafer_lot
from finance.tests.readers import client_of
from supplychain.base.errors import ForbiddenError, MalformedError, MissingError, RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

MARCH = datetime(2026, 3, 5, 12, tzinfo=UTC)
WAFER = Decimal("19500.00")


@pytest.fixture
def people() -> tuple[User, User]:
    return User.objects.create_user("ann"), User.objects.create_user("bob")


@pytest.fixture
def march(books: None, people: tuple[User, User]) -> Period:
    """Closed with two wafers at the foundry's price, bought on the fifth."""
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    wafer_lot("W1", 2, at=MARCH, step="BUMP")
    post_events()
    period = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=people[0])
    return close_period(period=period, approver=people[1])


def late(code: str = "W2", wafers: int = 3) -> None:
    """More wafers of the same day, told when the month is closed."""
    wafer_lot(code, wafers, at=MARCH, step="BUMP")
    post_events()


def restated(period: Period, people: tuple[User, User]) -> PeriodClose:
    draft = prepare_restatement(period=period, reason="late wafers", preparer=people[0])
    return approve_restatement(close=draft, approver=people[1])


def held(close: PeriodClose) -> dict[str, tuple[int, Decimal]]:
    return {line.bucket.account: (line.quantity, line.amount) for line in close_totals(close)}


def test_a_close_is_version_one_with_the_head_it_froze(march: Period) -> None:
    (close,) = closes_of(march.code)
    assert (close.version, close.seq, close.sha256) == (1, march.closed_seq, march.closed_sha256)
    assert (close.prepared_by, close.approved_by) == (march.prepared_by, march.approved_by)


def test_a_late_fact_leaves_version_one_and_makes_version_two(
    march: Period, people: tuple[User, User]
) -> None:
    first = closes_of(march.code).get()
    before = held(first)
    late()
    assert held(first) == before == {"inventory": (2, 2 * WAFER), "supplier": (-2, -2 * WAFER)}
    second = restated(march, people)
    assert held(second) == {"inventory": (5, 5 * WAFER), "supplier": (-5, -5 * WAFER)}
    assert held(first) == before
    assert set(LedgerEntry.objects.filter(lot_id="W2").values_list("period__code", flat=True)) == {
        "2026-04"
    }


def test_two_versions_differ_by_what_came_late(march: Period, people: tuple[User, User]) -> None:
    first = closes_of(march.code).get()
    late()
    second = restated(march, people)
    found = {line.bucket.account: line for line in close_differences(first, second)}
    assert (found["inventory"].quantity, found["inventory"].amount) == (3, 3 * WAFER)
    assert found["supplier"].amount == -3 * WAFER
    assert close_differences(second, second) == []
    rows = set(close_rows(second)) - set(close_rows(first))
    assert {row.lot_id for row in rows} == {"W2"}


def test_a_late_fact_between_soft_close_and_close_is_restated(
    books: None, people: tuple[User, User]
) -> None:
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    wafer_lot("W1", 2, at=MARCH, step="BUMP")
    post_events()
    period = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=people[0])
    late()
    period = close_period(period=period, approver=people[1])
    first = closes_of(period.code).get()
    assert (held(first)["inventory"][0], late_rows(first).exists()) == (2, True)
    second = restated(period, people)
    assert (held(second)["inventory"][0], late_rows(second).exists()) == (5, False)


def test_what_comes_later_still_is_of_version_three_only(
    march: Period, people: tuple[User, User]
) -> None:
    late()
    second = restated(march, people)
    before = held(second)
    late("W3", 1)
    third = restated(march, people)
    assert (third.version, held(second), held(third)["inventory"][0]) == (3, before, 6)


def test_nothing_late_is_nothing_to_restate(march: Period, people: tuple[User, User]) -> None:
    with pytest.raises(RefusedError, match="nothing to restate"):
        prepare_restatement(period=march, reason="why not", preparer=people[0])
    wafer_lot("W9", 1, at=datetime(2026, 4, 3, tzinfo=UTC), step="BUMP")
    post_events()
    with pytest.raises(RefusedError, match="nothing to restate"):
        prepare_restatement(period=march, reason="why not", preparer=people[0])


def test_an_open_period_is_not_restated(march: Period, people: tuple[User, User]) -> None:
    april = Period.objects.get(code="2026-04")
    with pytest.raises(RefusedError, match="only a closed one is restated"):
        prepare_restatement(period=april, reason="x", preparer=people[0])


@pytest.mark.parametrize("reason", ["", "  ", "r" * 501])
def test_a_restatement_has_a_reason(march: Period, people: tuple[User, User], reason: str) -> None:
    late()
    with pytest.raises(MalformedError):
        prepare_restatement(period=march, reason=reason, preparer=people[0])


def test_one_draft_at_a_time_and_it_may_be_given_up(
    march: Period, people: tuple[User, User]
) -> None:
    late()
    draft = prepare_restatement(period=march, reason="late", preparer=people[0])
    with pytest.raises(RefusedError, match="waits for its approval"):
        prepare_restatement(period=march, reason="late", preparer=people[1])
    give_up_restatement(close=draft)
    assert restated(march, people).version == 2
    with pytest.raises(RefusedError, match="was approved and stays"):
        give_up_restatement(close=closes_of(march.code).get(version=2))


def test_who_prepared_does_not_approve(march: Period, people: tuple[User, User]) -> None:
    late()
    draft = prepare_restatement(period=march, reason="late", preparer=people[0])
    with pytest.raises(ForbiddenError):
        approve_restatement(close=draft, approver=people[0])
    with pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic():
        PeriodClose.objects.filter(pk=draft.pk).update(approved_by=people[0], approved_at=MARCH)
    approve_restatement(close=draft, approver=people[1])
    with pytest.raises(RefusedError, match="approved before"):
        approve_restatement(close=draft, approver=people[1])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_periodclose SET seq = 0",
        "DELETE FROM finance_periodclose",
        "TRUNCATE finance_periodclose",
    ],
)
def test_a_version_is_kept_as_it_was_reported(march: Period, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"is kept as it was reported|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


def test_an_unknown_version_is_missing(march: Period) -> None:
    with pytest.raises(MissingError, match="no version 7"):
        close_by_version("2026-03", 7)


Ask = Callable[..., Any]


@pytest.fixture
def ask(people: tuple[User, User]) -> Ask:
    """Over the API, as ann or bob, who may look and close."""
    for person in people:
        for right in ("view_period", "close_period", "view_ledgerentry"):
            person.user_permissions.add(Permission.objects.get(codename=right))
    clients = {person.username: client_of(person) for person in people}

    def one(
        name: str, method: str, path: str, headers: dict[str, str] | None = None, **body: Any
    ) -> Any:
        call = getattr(clients[name], method)
        address = f"/api/v1/finance/periods/2026-03/closes{path}"
        if body:
            return call(address, body, content_type="application/json")
        return call(address, headers=headers)

    return one


def test_a_period_is_restated_and_read_over_the_api(march: Period, ask: Ask) -> None:
    late()
    assert ask("ann", "post", "", reason="").status_code == 400
    made = ask("ann", "post", "", reason="late wafers")
    assert (made.status_code, made.json()["version"], made.json()["approved_by"]) == (201, 2, None)
    assert ask("ann", "post", "/2/approve").status_code == 403
    assert ask("bob", "post", "/2/approve").status_code == 400
    seen = {"If-Match": ask("bob", "get", "/2")["ETag"]}
    assert ask("bob", "delete", "/2").status_code == 204
    assert ask("ann", "post", "", reason="late wafers").status_code == 201
    assert ask("bob", "post", "/2/approve", headers=seen).status_code == 412
    seen = {"If-Match": ask("bob", "get", "/2")["ETag"]}
    assert ask("bob", "post", "/2/approve", headers=seen).json()["approved_by"] == "bob"
    told = ask("bob", "get", "").json()["closes"]
    assert [(one["version"], one["reason"]) for one in told] == [(1, ""), (2, "late wafers")]
    lines = {line["account"]: line for line in ask("bob", "get", "/2").json()["lines"]}
    assert (lines["inventory"]["quantity"], lines["inventory"]["amount"]) == (
        "5", "97500.000000",
    )  # fmt: skip
    (line, *_) = ask("bob", "get", "/2?against=1").json()["differences"]
    assert (line["account"], line["quantity"], line["amount"]) == (
        "inventory", "3", "58500.000000",
    )  # fmt: skip
    assert ask("bob", "get", "/9").status_code == 404
    assert ask("bob", "get", "/2?against=x").status_code == 400
    assert ask("bob", "delete", "/2").status_code == 422


def test_a_version_that_the_reader_holds_is_not_summed_again(march: Period, ask: Ask) -> None:
    late()
    ask("ann", "post", "", reason="late wafers")
    for path in ("/1", "/2", "/2?against=1"):
        etag = ask("bob", "get", path)["ETag"]
        with CaptureQueriesContext(connection) as queries:
            again = ask("bob", "get", path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert not [one for one in queries if "SUM(" in one["sql"]]
    seen = {"If-Match": ask("bob", "get", "/2")["ETag"]}
    ask("bob", "post", "/2/approve", headers=seen)
    again = ask("bob", "get", "/2", headers={"If-None-Match": seen["If-Match"]})
    assert again.json()["approved_by"] == "bob"


def test_a_draft_is_given_up_over_the_api(march: Period, ask: Ask) -> None:
    late()
    ask("ann", "post", "", reason="late wafers")
    assert ask("ann", "delete", "/2").status_code == 204
    assert not closes_of(march.code).filter(version=2).exists()
