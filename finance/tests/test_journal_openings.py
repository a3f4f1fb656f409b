"""A line of a journal begins where everything in it stood, also what did not move in the month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from finance.domain.entries import Entry
from finance.domain.journals import cents
from finance.models import LedgerEntry, PostingProfile, ProfileAccount
from finance.selectors.journals import JournalQuery, journal
from finance.services import post_events
from finance.services.writing import append
from finance.tests.line import wafer_lot
from finance.tests.test_ledger_files import KEYS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

MONTHS = range(4, 12)
PART = Decimal("0.004")
SCRAP = "5300"


@pytest.fixture
def profile(books: None) -> PostingProfile:
    """Both kinds of scrap have one number."""
    made = PostingProfile.objects.create(
        code="NEW",
        effective_on=date(2026, 3, 1),
        company="1",
        prepared_by=User.objects.create_user("ann"),
    )
    for row in ProfileAccount.objects.filter(profile__code="CHART-2024"):
        row.pk, row.profile = None, made
        row.number = SCRAP if row.account.endswith("-scrap") else row.number
        row.save(force_insert=True)
    return made


def post_a_part_of_a_cent(month: int, account: str, owner: str) -> None:
    sample = LedgerEntry.objects.filter(account="inventory").earliest("seq")
    columns = {name: getattr(sample, name) for name in Entry.__slots__ if name not in KEYS}
    columns |= {key: getattr(sample, f"{key}_id") for key in KEYS}
    columns |= {"period": f"2026-{month:02}", "quantity": 0, "transaction": 1}
    lines = [(account, owner, PART), ("inventory", sample.owner, -PART)]
    append([
        Entry(**{**columns, "seq": line, "line": line, "op_key": f"{month}:{line}",
                 "account": where, "owner": whose, "amount": amount})
        for line, (where, whose, amount) in enumerate(lines, start=1)
    ], 1)  # fmt: skip


@pytest.mark.parametrize(
    "turns",
    [
        [("normal-scrap", "FABLESS"), ("abnormal-scrap", "FABLESS")],
        [("normal-scrap", "FABLESS"), ("normal-scrap", "TSMC")],
    ],
    ids=["two-accounts", "two-owners"],
)
def test_what_shares_a_line_does_not_drift_apart(
    profile: PostingProfile, turns: list[tuple[str, str]]
) -> None:
    wafer_lot("W1", 1, step="RCV")
    post_events()
    booked = Decimal(0)
    for month in MONTHS:
        post_a_part_of_a_cent(month, *turns[month % 2])
        lines = journal(JournalQuery(f"2026-{month:02}", profile=profile.code)).lines
        booked += sum(line.amount for line in lines if line.general.number == SCRAP)
    assert booked == cents(PART * len(MONTHS)) == Decimal("0.03")
