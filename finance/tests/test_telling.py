"""What programs of finance hear by webhook."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User

from finance import tasks
from finance.domain.words import ExportState
from finance.models import LedgerEntry, Period
from finance.services import close_period, post_events, soft_close_period, tell_advance
from finance.tests.line import wafer_lot
from finance.tests.test_exports import asked, done
from notices.models import Notice
from notices.services import spread_notices
from notices.tests.telling import subscribed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def told(kind: str) -> list[Notice]:
    return list(Notice.objects.filter(kind=kind).order_by("id"))


def test_a_ledger_that_did_not_move_is_not_told_again() -> None:
    assert tell_advance(now=NOW) is False
    wafer_lot("W1")
    post_events()
    assert [tell_advance(now=NOW), tell_advance(now=NOW)] == [True, False]
    last = LedgerEntry.objects.latest("seq").seq
    assert [notice.facts for notice in told("ledger.advanced")] == [{"seq": last}]


def test_the_worker_tells_once_for_many_batches() -> None:
    for number in range(3):
        wafer_lot(f"W{number}")
    tasks.post_events()
    tasks.post_events()
    assert len(told("ledger.advanced")) == 1


def test_a_closed_period_is_told_with_what_it_froze() -> None:
    ann, bob = User.objects.create_user("ann"), User.objects.create_user("bob")
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    march = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=ann)
    assert told("period.closed") == []
    close_period(period=march, approver=bob)
    (notice,) = told("period.closed")
    assert (notice.facts["period"], notice.facts["version"]) == ("2026-03", 1)
    assert notice.facts["sha256"] == Period.objects.get(code="2026-03").closed_sha256


def test_an_export_is_told_when_it_is_ready() -> None:
    wafer_lot("W1")
    post_events()
    job = done(asked(User.objects.create_superuser("cy")))
    assert job.state == ExportState.READY
    (notice,) = told("export.ready")
    assert notice.facts["api"] == f"/api/v1/finance/exports/{job.pk}"
    assert notice.facts["rows"] == job.row_count


def test_no_message_carries_an_amount() -> None:
    wafer_lot("W1")
    post_events()
    done(asked(User.objects.create_superuser("cy")))
    tell_advance(now=NOW)
    amounts = {
        f"{abs(amount):f}" for amount in LedgerEntry.objects.values_list("amount", flat=True)
    }
    words = json.dumps(list(Notice.objects.values("subject", "facts")))
    assert amounts
    assert not [amount for amount in amounts if amount in words]


def test_only_a_subscription_that_names_it_hears_of_the_ledger() -> None:
    boss = User.objects.create_superuser("boss", email="boss@fab.example")
    subscribed(boss, severity_min="information")
    subscribed(boss, kinds=["ledger.advanced"], severity_min="critical")
    wafer_lot("W1")
    post_events()
    tell_advance(now=NOW)
    spread_notices(now=NOW)
    (notice,) = told("ledger.advanced")
    assert [row.subscription.severity_min for row in notice.deliveries.all()] == ["critical"]
