"""A period's journal over HTTP, in every format, and the profile that numbers it."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finance.domain.journals import LIMITS, Limits
from finance.domain.words import JournalFormat
from finance.models import Entity, LedgerEntry, LedgerRead, Period, PostingProfile, ProfileAccount
from finance.services import (
    approve_posting_profile,
    approve_restatement,
    close_period,
    post_events,
    prepare_restatement,
    soft_close_period,
)
from finance.tests.line import diced, moved, shipped, wafer_lot
from finance.tests.readers import ledger_reader
from supplychain.base.errors import ForbiddenError, RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

JOURNAL = "/api/v1/finance/journals/2026-03"
SIDES = {
    "generic": ("debit", "credit"),
    "sap": ("WRSOL", "WRHAB"),
    "netsuite": ("Debit", "Credit"),
    "workday": ("Debit Amount", "Credit Amount"),
}


@pytest.fixture
def reader(books: None) -> Client:
    return ledger_reader()


@pytest.fixture
def march(books: None) -> Period:
    """Wafers bought, worked on, diced with losses; one is on its way."""
    diced(moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "DICE"), good=61)
    moved(wafer_lot("W2", 3, step="RCV"), "BUMP")
    post_events()
    return Period.objects.get(code="2026-03")


def closed(period: Period) -> Period:
    Period.objects.filter(starts_on__lt=period.starts_on).delete()
    soft_close_period(period=period, preparer=User.objects.create_user("ann"))
    return close_period(period=period, approver=User.objects.create_user("bob"))


def file_of(reader: Client, target: str, **query: str | int) -> list[list[str]]:
    answer = reader.get(JOURNAL, {"format": target, **query})
    assert answer.status_code == 200, answer.content
    return list(csv.reader(StringIO(answer.content.decode(), newline="")))


def test_an_open_period_has_a_draft_that_balances(march: Period, reader: Client) -> None:
    told = reader.get(JOURNAL).json()
    assert (told["number"], told["is_draft"]) == ("FABLESS-2026-03-draft", True)
    assert sum(Decimal(line["amount"]) for line in told["lines"]) == 0
    assert told["debit"] == told["credit"] != "0.00"
    by_account: dict[str, Decimal] = defaultdict(Decimal)
    for line in told["lines"]:
        by_account[line["account"]] += Decimal(line["amount"])
    owed = march.entries.filter(account="supplier")
    assert by_account["2110"] == sum(row.amount for row in owed)
    assert {row["format"]: row["parts"] for row in told["formats"]} == dict.fromkeys(
        JournalFormat, 1
    )


def test_a_closed_period_has_the_same_bytes_for_ever(march: Period, reader: Client) -> None:
    closed(march)
    formats = [*JournalFormat, "json"]
    before = {name: reader.get(JOURNAL, {"format": name}).content for name in formats}
    name = 'attachment; filename="FABLESS-2026-03-v1-1.sap.csv"'
    assert reader.get(JOURNAL, {"format": "sap"})["Content-Disposition"] == name
    moved(wafer_lot("W9", step="RCV"), "BUMP", "CP1")
    post_events()
    assert LedgerEntry.objects.filter(is_prior_period=True, account="inventory").exists()
    april = copied(draft("APRIL", date(2026, 4, 1)))
    approve_posting_profile(profile=april, approver=User.objects.get(username="bob"))
    eve = prepare_restatement(
        period=march, reason="W9 came late", preparer=User.objects.get(username="ann")
    )
    approve_restatement(close=eve, approver=User.objects.get(username="bob"))
    assert {name: reader.get(JOURNAL, {"format": name}).content for name in formats} == before
    told = reader.get(JOURNAL, {"version": 2}).json()
    assert (told["number"], told["is_draft"]) == ("FABLESS-2026-03-as-v2", True)
    read = LedgerRead.objects.filter(media_type="sap").latest("id")
    assert read.query == "journals/FABLESS-2026-03-v1?format=sap"


def test_a_journal_that_the_reader_holds_is_not_made_again(march: Period, reader: Client) -> None:
    closed(march)
    held: dict[str, str] = {}
    query: dict[str, str]
    for query in ({}, {"format": "sap"}, {"format": "oracle", "profile": "CHART-2024"}):
        answer = reader.get(JOURNAL, query)
        held = {"If-None-Match": answer["ETag"]}
        with CaptureQueriesContext(connection) as queries:
            again = reader.get(JOURNAL, query, headers=held)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
        assert not [one for one in queries if "SUM(" in one["sql"]]
    moved(wafer_lot("W9", step="RCV"), "BUMP", "CP1")
    post_events()
    assert reader.get(JOURNAL, query, headers=held).status_code == 304
    draft("TRY")
    assert reader.get(JOURNAL, {"profile": "TRY"}, headers=held).status_code == 422


def test_a_draft_that_moved_on_is_told_anew(march: Period, reader: Client) -> None:
    held = {"If-None-Match": reader.get(JOURNAL)["ETag"]}
    assert reader.get(JOURNAL, headers=held).status_code == 304
    moved(wafer_lot("W9", step="RCV"), "BUMP", "CP1")
    post_events()
    assert reader.get(JOURNAL, headers=held).status_code == 200


def test_no_profile_is_approved_for_a_closed_period(march: Period) -> None:
    closed(march)
    profile = copied(draft())
    with pytest.raises(RefusedError, match="2026-03 is closed, and its journal is told for ever"):
        approve_posting_profile(profile=profile, approver=User.objects.get(username="bob"))
    with pytest.raises(DatabaseError, match="of a closed period"), transaction.atomic():
        PostingProfile.objects.filter(pk=profile.pk).update(
            approved_by=User.objects.get(username="bob"), approved_at=timezone.now()
        )


def test_another_profile_than_the_one_in_force_makes_a_draft(march: Period, reader: Client) -> None:
    closed(march)
    approve_posting_profile(
        profile=copied(draft("APRIL", date(2026, 4, 1))),
        approver=User.objects.get(username="bob"),
    )
    told = reader.get(JOURNAL, {"profile": "APRIL"}).json()
    assert (told["number"], told["is_draft"]) == ("FABLESS-2026-03-draft", True)
    assert not reader.get(JOURNAL, {"profile": "CHART-2024"}).json()["is_draft"]


def test_what_a_format_has_no_room_for_is_named(march: Period, reader: Client) -> None:
    profile = copied(draft())
    profile.accounts.filter(account="supplier").update(number="2110-0000-00")
    answer = reader.get(JOURNAL, {"profile": "NEW", "format": "sap"})
    assert answer.status_code == 422
    assert "account 2110-0000-00: 10 characters" in answer.json()["detail"]
    assert reader.get(JOURNAL, {"profile": "NEW", "format": "generic"}).status_code == 200
    profile.accounts.filter(account="supplier").update(number="-".join("1" * 31))
    oracle = reader.get(JOURNAL, {"profile": "NEW", "format": "oracle"})
    assert "30 segments" in oracle.json()["detail"]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE finance_entity DISABLE TRIGGER USER")
    Entity.objects.update(code="A-LONG-ENTITY-CODE")
    sap = reader.get(JOURNAL, {"format": "sap"})
    assert "external id A-LONG-ENTITY-CODE-2026-03-draft-1" in sap.json()["detail"]


@pytest.mark.parametrize("target", SIDES)
def test_debits_are_credits_in_every_file(march: Period, reader: Client, target: str) -> None:
    names, *rows = file_of(reader, target)
    debit, credit = (names.index(name) for name in SIDES[target])
    sides = [sum(Decimal(row[place] or 0) for row in rows) for place in (debit, credit)]
    assert sides[0] == sides[1] > 0
    assert all(bool(row[debit]) != bool(row[credit]) for row in rows)
    if target == "workday":
        assert {row[names.index("Control Total Amount")] for row in rows} == {str(sides[0])}


def test_oracle_reads_by_position(march: Period, reader: Client) -> None:
    row = file_of(reader, "oracle")[0]
    assert len(row) == 52
    assert row[:8] == [
        "NEW",
        "Actuals",
        "2026/03/31",
        "supplychain",
        "SA",
        "USD",
        "2026/03/31",
        "A",
    ]
    assert row[38:40] == row[40:42]
    assert (row[42], row[45]) == ("FABLESS-2026-03-draft", "FABLESS-2026-03-draft-1")


def test_more_lines_than_a_format_takes_come_in_parts(
    march: Period, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, JournalFormat.SAP, Limits(3))
    parts = next(row["parts"] for row in reader.get(JOURNAL).json()["formats"]
                 if row["format"] == "sap")  # fmt: skip
    assert parts > 1
    for number in range(1, parts + 1):
        names, *rows = file_of(reader, "sap", part=number)
        assert len(rows) <= 3
        assert {row[names.index("BKTXT")] for row in rows} == {f"FABLESS-2026-03-draft-{number}"}
    assert reader.get(JOURNAL, {"format": "sap", "part": parts + 1}).status_code == 404


def draft(code: str = "NEW", day: date = date(2026, 3, 1)) -> PostingProfile:
    preparer, _ = User.objects.get_or_create(username="cara")
    return PostingProfile.objects.create(
        code=code, effective_on=day, company="2000", prepared_by=preparer
    )


def copied(profile: PostingProfile) -> PostingProfile:
    for row in ProfileAccount.objects.filter(profile__code="CHART-2024"):
        row.pk, row.profile, row.number = None, profile, f"9{row.number}"
        row.save()
    return profile


def test_a_draft_of_a_profile_is_tried_on_a_closed_period(march: Period, reader: Client) -> None:
    closed(march)
    copied(draft())
    told = reader.get(JOURNAL, {"profile": "NEW"}).json()
    assert (told["is_draft"], told["number"]) == (True, "FABLESS-2026-03-draft")
    assert {line["account"][0] for line in told["lines"]} == {"9"}
    assert not reader.get(JOURNAL).json()["is_draft"]


def test_an_account_without_a_number_is_named(march: Period, reader: Client) -> None:
    draft()
    answer = reader.get(JOURNAL, {"profile": "NEW"})
    assert answer.status_code == 422
    assert "no number for: conversion" in answer.json()["detail"]
    with pytest.raises(RefusedError, match="no number for: inventory, vendor-owned"):
        approve_posting_profile(profile=draft("NEXT"), approver=User.objects.create_user("dan"))


def test_a_profile_is_approved_by_another_and_then_frozen(books: None) -> None:
    profile, dan = copied(draft()), User.objects.create_user("dan")
    with pytest.raises(ForbiddenError):
        approve_posting_profile(profile=profile, approver=profile.prepared_by)
    approve_posting_profile(profile=profile, approver=dan)
    with pytest.raises(RefusedError, match="approved before"):
        approve_posting_profile(profile=profile, approver=dan)
    with pytest.raises(RefusedError, match="applies from 2026-03-01 too"):
        approve_posting_profile(profile=copied(draft("LATER")), approver=dan)
    row = profile.accounts.all()[0]
    row.number = "1"
    with pytest.raises(DatabaseError, match="is approved"), transaction.atomic():
        row.save()
    profile.company = "3000"
    with pytest.raises(DatabaseError, match="is approved"), transaction.atomic():
        profile.save()
    for table in ("finance_postingprofile CASCADE", "finance_profileaccount"):
        connection.check_constraints()
        with pytest.raises(DatabaseError, match="is not emptied"), transaction.atomic():
            connection.cursor().execute(f"TRUNCATE {table}")
    with pytest.raises(DatabaseError, match="is prepared first"), transaction.atomic():
        PostingProfile.objects.create(
            code="SHORT", effective_on=date(2028, 1, 1), company="1", prepared_by=dan,
            approved_by=profile.prepared_by, approved_at=timezone.now(),
        )  # fmt: skip
    other = draft("MINE", date(2027, 1, 1))
    other.prepared_by = dan
    with pytest.raises(DatabaseError, match="prepared by someone else"), transaction.atomic():
        other.save()


def test_a_period_before_every_profile_is_refused(reader: Client) -> None:
    Period.objects.create(code="2023-12", starts_on=date(2023, 12, 1), ends_on=date(2023, 12, 31))
    answer = reader.get("/api/v1/finance/journals/2023-12")
    assert answer.status_code == 422
    assert "No posting profile is approved for 2023-12-31" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"format": "xlsx"}, 400), ({"part": 0}, 400), ({"version": 2}, 404),
        ({"profile": "NONE"}, 404), ({"periods": "2026-03"}, 400),
    ],
)  # fmt: skip
def test_wrong_questions_are_refused(
    march: Period, reader: Client, query: dict[str, str], status: int
) -> None:
    assert reader.get(JOURNAL, query).status_code == status
