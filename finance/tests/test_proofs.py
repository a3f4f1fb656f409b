from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from finance.detectors.owed import EventsUnposted
from finance.models import LedgerHead
from finance.selectors.verifying import unbalanced_transactions
from finance.services import post_events
from finance.tests.line import diced, moved, wafer_lot
from finance.tests.staging import without_stage
from lots.domain.words import LotPurpose
from quality.detectors.frame import detectors

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

LATER = timedelta(hours=2)


def tamper(statement: str) -> None:
    """Change the ledger as an owner of the database could, with the guards off."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE finance_ledgerentry DISABLE TRIGGER USER")
        cursor.execute(statement)
        connection.check_constraints()
        cursor.execute("ALTER TABLE finance_ledgerentry ENABLE TRIGGER USER")


def test_a_whole_ledger_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    moved(wafer_lot("W1", step="WAT"), "RCV", "BUMP", "CP1")
    post_events()
    call_command("verify_subledger")
    assert "8 rows: gapless, unchanged, balanced" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE finance_ledgerentry SET lot = 'W2' WHERE seq = 2", "row 2 was changed"),
        ("DELETE FROM finance_ledgerentry WHERE seq < 3", "row 1 is missing"),
        ("DELETE FROM finance_ledgerentry WHERE seq > 2", "the head says 4, the last row is 2"),
        ("UPDATE finance_ledgerentry SET amount = 1 WHERE seq = 2", "transaction 1 does not sum"),
    ],
)
def test_a_tampered_ledger_is_found_out(statement: str, fault: str) -> None:
    wafer_lot("W1")
    wafer_lot("W2")
    post_events()
    tamper(statement)
    with pytest.raises(CommandError, match=fault):
        call_command("verify_subledger")


def test_a_ledger_with_dies_of_no_value_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    diced(wafer_lot(purpose=LotPurpose.ENGINEERING, step="DICE"), good=60)
    post_events()
    call_command("verify_subledger")
    assert "balanced" in capsys.readouterr().out


def test_an_empty_ledger_is_whole() -> None:
    assert not LedgerHead.objects.exists()
    call_command("verify_subledger", verbosity=0)
    assert unbalanced_transactions() == []


def test_the_detector_is_registered() -> None:
    assert EventsUnposted.code in {detector.code for detector in detectors(is_timed=True)}


def test_an_event_owed_for_an_hour_is_an_issue_with_its_reason() -> None:
    without_stage("CP1")
    moved(wafer_lot("W1", step="BUMP"), "CP1", "CP2")
    post_events()
    assert EventsUnposted().find(timezone.now()) == []
    (finding,) = EventsUnposted().find(timezone.now() + LATER)
    assert finding.title == "Lot events owed to the subledger: missing stage"
    assert "Add the step's stage" in str(finding.evidence.facts["reason"])


def test_a_poster_that_stopped_is_an_issue() -> None:
    wafer_lot("W1")
    (finding,) = EventsUnposted().find(timezone.now() + LATER)
    assert finding.cause_key == "events-unposted:stopped"
    post_events()
    assert EventsUnposted().find(timezone.now() + LATER) == []
