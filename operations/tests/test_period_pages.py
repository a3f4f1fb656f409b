"""The close cockpit: checklist, close by two people, versions, and restating with a preview."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finance.models import LedgerRead, Period, PeriodClose
from finance.services import post_events
from finance.tests.line import wafer_lot
from finance.tests.test_close_totals import without_guard
from lots.models import Wafer

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]

MARCH = datetime(2026, 3, 5, 12, tzinfo=UTC)
HERE = "/finance/periods/2026-03"
READING = ("SELECT", "DECLARE", "SAVEPOINT", "RELEASE SAVEPOINT")


@pytest.fixture
def ann(reference: None, as_role: AsRole) -> Client:
    """Of finance; two wafers were bought in March, and nothing before it is open."""
    client = as_role("Finance")
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    wafer_lot("W1", 2, at=MARCH, step="BUMP")
    post_events()
    return client


@pytest.fixture
def bob(ann: Client) -> Client:
    """Also of finance."""
    user = User.objects.create_user("bob")
    user.groups.add(Group.objects.get(name="Finance"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def closed(ann: Client, bob: Client) -> Period:
    do(ann, f"{HERE}/do/soft-close")
    do(bob, f"{HERE}/do/close")
    return Period.objects.get(code="2026-03")


def shown(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def seen_on(text: str) -> str:
    found = re.search(r'name="seen"(?: value="(\w*)")?', text)
    assert found, "there is nothing to agree to"
    return found[1] or ""


def do(client: Client, address: str, status: int = 200, **more: str) -> str:
    """Look at what it would do, and agree."""
    seen = seen_on(shown(client, address))
    answer = client.post(address, {"seen": seen, **more}, follow=True)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def writes_of(client: Client, address: str) -> list[str]:
    """What looking there locks or changes."""
    with CaptureQueriesContext(connection) as queries:
        assert seen_on(shown(client, address)) is not None
    said = [one["sql"] for one in queries]
    assert said
    return [one for one in said if "FOR UPDATE" in one or not one.lstrip("(").startswith(READING)]


def late() -> None:
    wafer_lot("W2", 3, at=MARCH, step="BUMP")
    post_events()


def test_the_calendar_shows_each_month_and_which_closes_next(ann: Client) -> None:
    text = shown(ann, "/finance/periods")
    assert re.search(rf'href="{HERE}" aria-current="true"', text)
    assert text.count("closes next") == 1
    do(ann, f"{HERE}/do/soft-close")
    assert "Soft closed" in shown(ann, "/finance/periods")


def test_the_next_year_is_added_once(ann: Client) -> None:
    assert "The calendar goes to 2030" in shown(ann, "/finance/periods")
    assert ann.post("/finance/periods", {"year": 2031}).status_code == 302
    assert "The calendar goes to 2031" in shown(ann, "/finance/periods")
    assert ann.post("/finance/periods", {"year": 2031}).status_code == 422
    assert ann.post("/finance/periods", {"year": "next"}).status_code == 400


def test_an_open_point_is_named_and_leads_to_where_it_is_settled(ann: Client) -> None:
    lot = wafer_lot("W8", at=MARCH)
    text = shown(ann, HERE)
    assert "Lot events of the period not posted yet: 1." in text
    assert f'href="/lots/{lot.code}"' in text
    assert "/admin/lots/event/" in text
    post_events()
    assert "not posted yet:" not in shown(ann, HERE)


def test_a_close_is_refused_in_words_while_something_is_open(ann: Client, bob: Client) -> None:
    do(ann, f"{HERE}/do/soft-close")
    seen = seen_on(shown(bob, f"{HERE}/do/close"))
    wafer_lot("W8", at=MARCH)
    assert "Let the poster run" in shown(bob, f"{HERE}/do/close")
    answer = bob.post(f"{HERE}/do/close", {"seen": seen})
    assert answer.status_code == 422
    assert "Let the poster run" in answer.content.decode()
    assert Period.objects.get(code="2026-03").state == "soft-closed"


def test_who_looks_at_an_act_holds_nobody_up(ann: Client, bob: Client) -> None:
    assert writes_of(ann, f"{HERE}/do/soft-close") == []
    do(ann, f"{HERE}/do/soft-close")
    assert writes_of(bob, f"{HERE}/do/close") == []
    do(bob, f"{HERE}/do/close")
    late()
    assert writes_of(bob, f"{HERE}/do/restate") == []
    do(ann, f"{HERE}/do/restate", reason="late wafers")
    assert writes_of(bob, f"{HERE}/versions/2/do/approve") == []
    assert writes_of(bob, f"{HERE}/versions/2/do/give-up") == []


def test_another_draft_of_the_same_figures_is_not_agreed_to(
    closed: Period, ann: Client, bob: Client
) -> None:
    late()
    do(ann, f"{HERE}/do/restate", reason="late wafers")
    seen = seen_on(shown(bob, f"{HERE}/versions/2/do/approve"))
    do(ann, f"{HERE}/versions/2/do/give-up")
    do(ann, f"{HERE}/do/restate", reason="something else")
    assert bob.post(f"{HERE}/versions/2/do/approve", {"seen": seen}).status_code == 412
    assert PeriodClose.objects.get(version=2).approved_by is None


def test_the_preparer_is_told_to_ask_a_colleague(ann: Client) -> None:
    assert "soft-close it first" in shown(ann, f"{HERE}/do/close")
    assert "Somebody else closes it now" in do(ann, f"{HERE}/do/soft-close")
    assert "Ask a colleague" in shown(ann, f"{HERE}/do/close")
    answer = ann.post(f"{HERE}/do/close", {"seen": ""})
    assert answer.status_code == 403
    assert "Ask a colleague" in answer.content.decode()


def test_a_prepared_close_is_taken_back_with_a_reason(ann: Client, bob: Client) -> None:
    do(ann, f"{HERE}/do/soft-close")
    assert f'href="{HERE}/do/reopen"' in shown(bob, HERE)
    assert writes_of(bob, f"{HERE}/do/reopen") == []
    assert "This field is required" in do(bob, f"{HERE}/do/reopen", 400)
    text = do(bob, f"{HERE}/do/reopen", reason="wafers are missing")
    assert "wafers are missing" in text
    assert "took back the close that" in text
    assert f'href="{HERE}/do/soft-close"' in text
    assert Period.objects.get(code="2026-03").state == "open"
    assert "only one whose close is prepared" in shown(bob, f"{HERE}/do/reopen")


def test_looking_at_a_close_closes_nothing(ann: Client, bob: Client) -> None:
    do(ann, f"{HERE}/do/soft-close")
    text = shown(bob, f"{HERE}/do/close")
    assert "39,000.00" in text
    assert Period.objects.get(code="2026-03").state == "soft-closed"
    assert not PeriodClose.objects.exists()


def test_a_closed_period_keeps_line_and_hash_of_the_ledger(closed: Period, ann: Client) -> None:
    close = PeriodClose.objects.get()
    text = shown(ann, HERE)
    assert close.sha256 in text
    assert "In force" in text
    text = shown(ann, f"{HERE}/versions/1")
    assert close.sha256 in text
    assert "39,000.00" in text
    assert "nothing to restate" in shown(ann, f"{HERE}/do/restate")


def test_a_restatement_is_looked_at_prepared_and_approved_by_another(
    closed: Period, ann: Client, bob: Client
) -> None:
    late()
    assert "2 lines are not in the version in force, 58,500.00" in shown(ann, HERE)
    text = shown(ann, f"{HERE}/do/restate")
    assert "58,500.00" in text
    assert PeriodClose.objects.count() == 1
    do(ann, f"{HERE}/do/restate", reason="late wafers")
    assert "Ask a colleague" in shown(ann, f"{HERE}/versions/2/do/approve")
    text = do(bob, f"{HERE}/versions/2/do/approve")
    assert "it is in force" in text
    text = shown(bob, f"{HERE}/versions/2")
    assert "Against version 1" in text
    assert "3 wafers" in text
    assert "late wafers" in text
    assert "Restated" in shown(bob, "/finance/periods")
    assert "was approved before" in shown(bob, f"{HERE}/versions/2/do/approve")


def test_a_restatement_is_given_up(closed: Period, ann: Client) -> None:
    late()
    do(ann, f"{HERE}/do/restate", reason="late wafers")
    text = shown(ann, HERE)
    assert "Waits for approval" in text
    assert "2 lines are not in the version in force" in text
    assert "Given up" in do(ann, f"{HERE}/versions/2/do/give-up")
    assert PeriodClose.objects.count() == 1


def test_a_restatement_without_a_reason_is_not_prepared(closed: Period, ann: Client) -> None:
    late()
    assert "This field is required" in do(ann, f"{HERE}/do/restate", status=400)
    assert PeriodClose.objects.count() == 1


def test_what_changed_since_the_look_is_not_agreed_to(closed: Period, ann: Client) -> None:
    late()
    seen = seen_on(shown(ann, f"{HERE}/do/restate"))
    wafer_lot("W3", 1, at=MARCH, step="BUMP")
    post_events()
    answer = ann.post(f"{HERE}/do/restate", {"seen": seen, "reason": "late wafers"})
    assert answer.status_code == 412
    assert "Look at them again" in answer.content.decode()
    assert PeriodClose.objects.count() == 1


def test_a_version_as_csv_is_kept_as_a_read(closed: Period, ann: Client) -> None:
    text = ann.get(f"{HERE}/versions/1.csv").content.decode("utf-8-sig")
    assert "2026-03,1,inventory,wafer,TRN3-DIE,wafer,FABLESS,TSMC,2,39000.000000" in text
    assert LedgerRead.objects.get().as_of_seq == closed.closed_seq


def test_a_wrong_address_says_what_is_wrong(closed: Period, ann: Client) -> None:
    wrong = {
        "/finance/periods/1999-01": (404, "There is no period"),
        f"{HERE}/versions/7": (404, "has no version 7"),
        f"{HERE}/versions/1?against=0": (400, "against must be"),
        f"{HERE}/versions/1?against=7": (404, "has no version 7"),
        f"{HERE}/do/burn": (404, "no such act"),
        f"{HERE}/do/approve": (404, "no such act"),
        f"{HERE}/versions/1/do/close": (404, "no such act"),
    }
    for address, (status, words) in wrong.items():
        assert words in shown(ann, address, status), address


def test_a_version_shows_what_was_counted_with_it(closed: Period, ann: Client) -> None:
    late()
    text = shown(ann, f"{HERE}/versions/1")
    assert "Books = events = what was there" in text
    counted = text[text.index('aria-labelledby="counted"') :]
    assert re.search(r'sc-number">2 wafers</td>\s*<td class="sc-number">2</td>', counted)
    assert "39,000.00" in counted
    assert "Lots that differed" not in counted


def test_a_version_names_the_lots_that_differed(ann: Client, bob: Client) -> None:
    Wafer.objects.filter(lot__code="W1").update(is_scrapped=True)
    do(ann, f"{HERE}/do/soft-close")
    do(bob, f"{HERE}/do/close")
    text = shown(ann, f"{HERE}/versions/1")
    assert "Did not come out" in text
    assert re.search(r"Miscounted</td>", text)
    assert "1 in all; of 1 nothing explained it" in text


def test_a_version_from_before_says_that_nothing_was_counted(closed: Period, ann: Client) -> None:
    without_guard("UPDATE finance_periodclose SET reconciliation = NULL")
    text = shown(ann, f"{HERE}/versions/1")
    assert "Closed before reconciliations were kept" in text


def test_an_auditor_adds_no_year(reference: None, as_role: AsRole) -> None:
    auditor = as_role("Auditor")
    assert "Add 2031" not in shown(auditor, "/finance/periods")
    assert auditor.post("/finance/periods", {"year": 2031}).status_code == 403


def test_an_auditor_looks_and_does_nothing(closed: Period, as_role: AsRole) -> None:
    client = as_role("Auditor")
    assert "/do/" not in shown(client, HERE)
    assert "/do/" not in shown(client, f"{HERE}/versions/1")
    assert client.get(f"{HERE}/do/restate").status_code == 403
    assert client.post(f"{HERE}/do/restate", {"reason": "x"}).status_code == 403


def test_others_are_kept_out(as_role: AsRole) -> None:
    client = as_role("Quality")
    for address in ("/finance/periods", HERE, f"{HERE}/versions/1", f"{HERE}/do/close"):
        assert client.get(address).status_code == 403
