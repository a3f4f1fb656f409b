"""Bad orders over many lots: refused on the form, or lot by lot; and nothing is done."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from lots.models import Lot
from lots.selectors.verifying import first_fault
from lots.tests.making import counted_lot, hold
from operations.models import BulkItem, BulkJob
from operations.services.bulk_work import work_owed
from tests.acceptance.test_every_door import alert_of, stand

pytestmark = pytest.mark.usefixtures("reference")

YESTERDAY = str(timezone.localdate() - timedelta(days=2))
ON_THE_FORM = {
    "unknown verb": ({"verb": "explode"}, "Nobody can do this to many lots at once."),
    "verb of one lot": ({"verb": "split"}, "Nobody can do this to many lots at once."),
    "no lot": ({"pick": []}, "No lot was picked. Tick the lots in the list first."),
    "lots of odd letters": ({"pick": ["N\u0661", "\u0661"]}, "No lot was picked."),
    "unknown lot": ({"pick": ["999999999"]}, "No lot fits. Pick some, or widen the filter."),
    "too many lots": ({"pick": [str(n) for n in range(1, 102)]}, "Pick at most 100;"),
    "unknown filter": ({"scope": "filter", "filter": "colour__exact=red"}, "not one of the list's"),
    "filter that fits none": ({"scope": "filter", "filter": "q=NOPE"}, "No lot fits."),
    "no reason": ({"hold_reason": ""}, "Reason : This field is required."),
    "NUL in a reason": ({"hold_reason": "o\0dd"}, "Null characters are not allowed."),
    "long reason": ({"hold_reason": "x" * 201}, "at most 200 characters (it has 201)."),
    "unknown class": ({"hold_class": "magic"}, "magic is not one of the available choices."),
    "day past": ({"due_on": YESTERDAY}, "This day is past. Choose today or a later day."),
    "no day": ({"due_on": "2026-02-30"}, "Enter a valid date."),
    "release without a word": ({"verb": "release"}, "Disposition : This field is required."),
    "move to nowhere": ({"verb": "move"}, "To step : This field is required."),
    "step of no route": ({"verb": "move", "to_step": "NOWHERE"}, "No route has a step NOWHERE."),
    "ship to nobody": ({"verb": "ship", "to": "0"}, "To : Select a valid choice."),
    "change of nothing": ({"verb": "amend"}, "Say what is to change."),
    "scrap unsure": ({"verb": "scrap", "reason": "x"}, "this cannot be taken back : This field"),
    "scrap without a reason": ({"verb": "scrap", "is_sure": "on"}, "Reason : This field is"),
}
BY_LOT = {
    "step of another route": (
        {"verb": "move", "to_step": "CP1"}, "There is no step CP1 on"),
    "release of what is free": (
        {"verb": "release", "disposition": "use as is"}, "Lot N1 has no such hold open."),
    "out of a bank it is not in": ({"verb": "unbank"}, "N1"),
    "scrap of an empty lot": (
        {"verb": "scrap", "is_sure": "on", "reason": "x", "pick": ["N0"]}, "Lot N0 is empty."),
    "step out of a hold": ({"verb": "track-out", "pick": ["H1"]}, "hold"),
}  # fmt: skip


@pytest.fixture
def lots(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    counted_lot("N1", quantity=10)
    counted_lot("N0", quantity=0)
    hold(counted_lot("H1", quantity=5))
    return client


def asked(client: Client, words: dict[str, object]) -> tuple[int, str]:
    """Status of the answer, and what it says."""
    codes = words.get("pick", ["N1"])
    ids = {code: str(pk) for code, pk in Lot.objects.values_list("code", "pk")}
    form = {
        "verb": "hold", "scope": "picked", "filter": "", "hold_class": "quality",
        "hold_reason": "odd colour", "comment": "", "go": "check", **words,
        "pick": [ids.get(code, code) for code in codes],  # type: ignore[attr-defined]
    }  # fmt: skip
    answer = client.post("/jobs/new", form)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("name", ON_THE_FORM)
def test_a_bad_order_makes_no_job(name: str, lots: Client) -> None:
    words, sentence = ON_THE_FORM[name]
    before = stand()
    status, page = asked(lots, words)  # type: ignore[arg-type]
    assert status in {200, 400, 404}
    assert sentence in alert_of(page)
    assert not BulkJob.objects.exists()
    assert stand() == before


@pytest.mark.parametrize("name", BY_LOT)
def test_a_lot_that_cannot_says_why_and_stays_as_it_was(name: str, lots: Client) -> None:
    words, sentence = BY_LOT[name]
    before = stand()
    assert asked(lots, words)[0] == 302  # type: ignore[arg-type]
    worked()
    item = BulkItem.objects.get()
    assert item.state == "failed"
    assert sentence in item.reason
    shown = lots.get(f"/jobs/{item.job_id}").content.decode()
    assert item.reason in html.unescape(shown)
    start = lots.post(f"/jobs/{item.job_id}", {"go": "start"})
    assert start.status_code == 422
    assert "Every lot was refused; there is nothing to do." in alert_of(start.content.decode())
    assert stand() == before
    assert first_fault() is None


def test_a_job_refuses_every_lot_that_cannot(lots: Client) -> None:
    before = stand()
    asked(lots, {"verb": "unbank", "scope": "filter", "filter": "q="})
    worked()
    reasons = list(BulkItem.objects.values_list("reason", flat=True))
    assert len(reasons) == Lot.objects.count()
    assert all(len(reason) > 10 for reason in reasons)
    assert stand() == before


@pytest.mark.parametrize(
    ("word", "status", "sentence"),
    [
        ("retry", 422, "Read its page again."),
        ("burn", 400, "Nothing was asked of the job."),
    ],
)
def test_what_a_job_cannot_do_now_is_refused(
    word: str, status: int, sentence: str, lots: Client
) -> None:
    asked(lots, {})
    worked()
    before = stand()
    answer = lots.post(f"/jobs/{BulkJob.objects.get().pk}", {"go": word})
    assert answer.status_code == status
    assert sentence in alert_of(answer.content.decode())
    assert stand() == before


def test_a_job_started_twice_is_done_once(lots: Client) -> None:
    asked(lots, {})
    worked()
    address = f"/jobs/{BulkJob.objects.get().pk}"
    assert lots.post(address, {"go": "start"}).status_code == 302
    worked()
    before = stand()
    again = lots.post(address, {"go": "start"})
    assert again.status_code == 422
    assert "The job is done. Read its page again." in alert_of(again.content.decode())
    worked()
    assert stand() == before


def test_a_lot_that_changed_after_the_check_is_left_alone(lots: Client) -> None:
    asked(lots, {"verb": "bank", "reason": "no demand"})
    worked()
    hold(Lot.objects.get(code="N1"))
    before = stand()
    lots.post(f"/jobs/{BulkJob.objects.get().pk}", {"go": "start"})
    worked()
    item = BulkItem.objects.get()
    assert item.state == "failed"
    assert len(item.reason) > 10
    assert stand() == before


def worked() -> None:
    while work_owed(now=timezone.now()):
        pass
