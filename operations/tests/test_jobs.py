"""One act on many lots: tried, agreed to, carried out by a worker, tried again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lots.models import Event, Hold, Lot
from lots.services import move_lot, release_hold
from lots.tests.making import command, counted_lot, hold, step
from operations.domain.words import ItemState, JobState
from operations.models import BulkItem, BulkJob
from operations.services import bulk_work
from operations.services.bulk_acts import BULK_ACTS, BulkAct
from operations.services.bulk_jobs import cancel_job, check_lots, retry_failed, start_job
from operations.services.bulk_work import work_owed
from operations.tasks import work_bulk_jobs
from supplychain.base.errors import MalformedError, MissingError, RefusedError
from tests.kept_rows import load_kept

pytestmark = pytest.mark.django_db
MOVE = {"to_step": "SFT"}


@pytest.fixture
def lots(db: None) -> list[Lot]:
    """Three lots of switches; the second is on hold."""
    load_kept("lots")
    made = [counted_lot(f"N{number}") for number in range(1, 4)]
    hold(made[1], "wrong label")
    return made


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_superuser("ann")


def checked(ann: User, verb: str = "move", answers: dict[str, Any] = MOVE) -> BulkJob:
    job = check_lots(
        verb=verb, answers=answers, lots=Lot.objects.all(), actor=ann, now=timezone.now()
    )
    return worked(job)


def worked(job: BulkJob) -> BulkJob:
    while work_owed(now=timezone.now()):
        pass
    job.refresh_from_db()
    return job


def started(job: BulkJob, *, as_one: bool = False) -> BulkJob:
    return worked(
        start_job(job=job, actor=job.created_by, is_all_or_nothing=as_one, now=timezone.now())
    )


def states(job: BulkJob) -> list[str]:
    return list(job.items.order_by("id").values_list("state", flat=True))


def test_a_check_keeps_nothing_and_names_every_refusal(lots: list[Lot], ann: User) -> None:
    before = Event.objects.count()
    job = checked(ann)
    assert job.state == JobState.CHECKED
    assert states(job) == ["ready", "failed", "ready"]
    assert "wrong label" in job.items.get(state="failed").reason
    assert job.sample[0][0] == {
        "subject": "Lot N1",
        "fact": "Step",
        "before": "RCV",
        "after": "SFT",
    }
    assert Event.objects.count() == before


def test_what_was_not_refused_is_done_with_an_outcome_each(lots: list[Lot], ann: User) -> None:
    job = started(checked(ann))
    assert job.state == JobState.DONE
    assert states(job) == ["done", "failed", "done"]
    event = job.items.order_by("id")[0].event
    assert event is not None
    assert event.op_key == f"bulk:{job.pk}:{lots[0].pk}:1"
    assert event.actor == ann


def release_all() -> None:
    for one in Hold.objects.filter(released_at=None):
        release_hold(hold=one, disposition="use as is", command=command())


def test_failed_lots_are_tried_again_as_they_are_now(lots: list[Lot], ann: User) -> None:
    job = started(checked(ann))
    release_all()
    job = worked(retry_failed(job=job, actor=ann, now=timezone.now()))
    assert states(job) == ["done", "done", "done"]
    assert job.items.order_by("id")[1].event.op_key.endswith(":2")  # type: ignore[union-attr]


def test_a_lot_that_changed_since_it_was_picked_is_left_alone(lots: list[Lot], ann: User) -> None:
    job = checked(ann)
    move_lot(lot=lots[0], to_step=step("D", "STOCK"), command=command())
    job = started(job)
    assert states(job) == ["failed", "failed", "done"]
    assert "Read it again" in job.items.order_by("id")[0].reason


def test_all_or_nothing_takes_everything_back(lots: list[Lot], ann: User) -> None:
    release_all()
    job = checked(ann)
    before = Event.objects.count()
    hold(lots[2], "late news")
    job = started(job, as_one=True)
    assert states(job) == ["skipped", "skipped", "failed"]
    assert Event.objects.count() == before + 1
    release_all()
    job = worked(retry_failed(job=job, actor=ann, now=timezone.now()))
    assert states(job) == ["done", "done", "done"]


def test_all_or_nothing_is_not_begun_when_one_was_refused(lots: list[Lot], ann: User) -> None:
    with pytest.raises(RefusedError, match="all or nothing is nothing"):
        start_job(job=checked(ann), actor=ann, is_all_or_nothing=True, now=timezone.now())


def test_too_many_lots_are_not_done_as_one(
    lots: list[Lot], ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_all()
    monkeypatch.setattr("operations.services.bulk_jobs.AS_ONE_MAX", 2)
    with pytest.raises(RefusedError, match="At most 2"):
        start_job(job=checked(ann), actor=ann, is_all_or_nothing=True, now=timezone.now())


def test_a_cancelled_job_leaves_the_rest_alone(lots: list[Lot], ann: User) -> None:
    job = cancel_job(job=checked(ann), actor=ann, now=timezone.now())
    assert job.state == JobState.CANCELLED
    assert states(job) == ["skipped", "failed", "skipped"]
    assert not work_owed(now=timezone.now())
    with pytest.raises(RefusedError, match="cancelled"):
        start_job(job=job, actor=ann, is_all_or_nothing=False, now=timezone.now())


def test_nothing_is_started_when_everything_was_refused(lots: list[Lot], ann: User) -> None:
    job = checked(ann, "move", {"to_step": "NOPE"})
    assert states(job) == ["failed", "failed", "failed"]
    with pytest.raises(RefusedError, match="Every lot was refused"):
        start_job(job=job, actor=ann, is_all_or_nothing=False, now=timezone.now())


def test_nothing_failed_is_not_tried_again(lots: list[Lot], ann: User) -> None:
    job = started(checked(ann, "hold", {"hold_class": "quality", "hold_reason": "recall"}))
    with pytest.raises(RefusedError, match="No lot of this job failed"):
        retry_failed(job=job, actor=ann, now=timezone.now())


def test_large_jobs_go_in_batches(
    lots: list[Lot], ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_work, "BATCH_ITEMS", 2)
    answers = {"hold_class": "quality", "hold_reason": "recall"}
    job = check_lots(
        verb="hold", answers=answers, lots=Lot.objects.all(), actor=ann, now=timezone.now()
    )
    assert work_owed(now=timezone.now())
    assert states(job) == ["ready", "ready", "waiting"]
    job = start_job(job=worked(job), actor=ann, is_all_or_nothing=False, now=timezone.now())
    work_owed(now=timezone.now())
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.RUNNING, ["done", "done", "ready"])
    assert states(worked(job)) == ["done", "done", "done"]


def test_a_batch_that_crashes_is_done_later_and_once(
    lots: list[Lot], ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start_job(job=checked(ann), actor=ann, is_all_or_nothing=False, now=timezone.now())
    with patch.object(BulkItem.objects, "bulk_update", side_effect=OperationalError("gone")):
        work_owed(now=timezone.now())
    assert states(job) == ["ready", "failed", "ready"]
    assert states(worked(job)) == ["done", "failed", "done"]
    assert Event.objects.filter(verb="move").count() == 2


def test_a_fault_of_ours_fails_its_lot_only(lots: list[Lot], ann: User) -> None:
    job = checked(ann)
    item = job.items.order_by("id")[0]
    act = BULK_ACTS["move"]

    def run(lot: Lot, asked: Any, own: Any) -> Event:
        if lot.pk == item.lot_id:
            raise ZeroDivisionError
        return act.run(lot, asked, own)

    broken = BulkAct(act.verb, act.title, act.icon, act.right, run)
    with patch.dict(BULK_ACTS, {"move": broken}):
        job = started(job)
    assert states(job) == ["failed", "failed", "done"]
    assert f"item {item.pk}" in job.items.order_by("id")[0].reason


def test_a_dead_database_connection_is_not_blamed_on_a_lot(lots: list[Lot], ann: User) -> None:
    job = checked(ann)
    with patch.object(bulk_work, "wish_of", side_effect=OperationalError("gone")):
        start_job(job=job, actor=ann, is_all_or_nothing=False, now=timezone.now())
        work_owed(now=timezone.now())
    assert states(job) == ["ready", "failed", "ready"]


def test_every_open_hold_of_a_class_is_released(lots: list[Lot], ann: User) -> None:
    hold(lots[1], "second")
    answers = {"hold_class": "quality", "disposition": "use as is"}
    job = started(checked(ann, "release", answers))
    assert states(job) == ["failed", "done", "failed"]
    assert not Hold.objects.filter(released_at=None).exists()


def test_whole_lots_are_scrapped(lots: list[Lot], ann: User) -> None:
    job = started(checked(ann, "scrap", {"reason": "handling"}))
    assert states(job) == ["done", "done", "done"]
    assert set(Lot.objects.values_list("quantity", "state")) == {(0, "scrapped")}
    assert states(checked(ann, "scrap", {"reason": "handling"})) == ["failed"] * 3


def test_lots_are_tracked_banked_and_described_together(lots: list[Lot], ann: User) -> None:
    assert states(started(checked(ann, "track-in", {"equipment": "bench"})))[0] == "done"
    assert states(started(checked(ann, "track-out", {})))[0] == "done"
    assert set(Lot.objects.values_list("step__code", flat=True)) == {"RCV", "SFT"}
    assert states(started(checked(ann, "bank", {"reason": "no slot"}))) == ["done"] * 3
    assert states(started(checked(ann, "unbank", {}))) == ["done"] * 3
    assert states(started(checked(ann, "amend", {"is_hot": True}))) == ["done"] * 3
    assert states(checked(ann, "amend", {"is_hot": True})) == ["failed"] * 3


def test_facts_are_changed_by_what_was_said(
    lots: list[Lot], as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    asked = {"verb": "amend", "scope": "filter", "filter": "", "go": "check"}
    assert "Say what is to change" in client.post("/jobs/new", asked).content.decode()
    client.post("/jobs/new", {**asked, "is_hot": "no", "customer": "Cloud"})
    assert BulkJob.objects.get().answers == {"is_hot": False, "customer": "Cloud"}


@pytest.mark.parametrize(
    ("verb", "answers"), [("move", {}), ("hold", {"hold_class": "nobody", "hold_reason": "x"})]
)
def test_answers_that_do_not_fit_are_refused_at_once(
    verb: str, answers: dict[str, Any], lots: list[Lot], ann: User
) -> None:
    with pytest.raises(MalformedError):
        checked(ann, verb, answers)
    assert not BulkJob.objects.exists()


def test_no_lots_and_unknown_verbs_are_refused(ann: User, lots: list[Lot]) -> None:
    now = timezone.now()
    none = Lot.objects.none()
    with pytest.raises(MalformedError, match="No lot fits"):
        check_lots(verb="move", answers=MOVE, lots=Lot.objects.filter(code="Z"), actor=ann, now=now)
    with pytest.raises(MissingError):
        check_lots(verb="merge", answers={}, lots=none, actor=ann, now=now)


def test_too_many_lots_are_refused(
    ann: User, lots: list[Lot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.services.bulk_jobs.ITEMS_MAX", 2)
    with pytest.raises(MalformedError, match="Narrow the filter"):
        checked(ann)


def test_rows_are_written_in_a_number_of_statements_that_does_not_grow(
    ann: User, lots: list[Lot]
) -> None:
    with CaptureQueriesContext(connection) as few:
        check_lots(verb="move", answers=MOVE, lots=Lot.objects.filter(code="N1"), actor=ann,
                   now=timezone.now())  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        check_lots(verb="move", answers=MOVE, lots=Lot.objects.all(), actor=ann, now=timezone.now())
    assert len(many) == len(few) < 6


def test_the_task_does_what_is_owed(lots: list[Lot], ann: User) -> None:
    job = check_lots(
        verb="move", answers=MOVE, lots=Lot.objects.all(), actor=ann, now=timezone.now()
    )
    work_bulk_jobs()
    job.refresh_from_db()
    assert job.state == JobState.CHECKED


def test_from_the_list_to_a_finished_job(lots: list[Lot], as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    bar = client.get("/admin/lots/lot/").content.decode()
    assert 'formaction="/jobs/new"' in bar
    asked = {"verb": "move", "scope": "filter", "filter": "q=N"}
    text = client.post("/jobs/new", asked).content.decode()
    assert "All lots that match the filter" in text
    assert "<dt>Start of the lot code</dt><dd>N</dd>" in text
    answer = client.post("/jobs/new", {**asked, **MOVE, "go": "check"})
    job = BulkJob.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}"
    assert client.get(f"/jobs/{job.pk}/state").json()["is_working"]
    worked(job)
    page = client.get(f"/jobs/{job.pk}").content.decode()
    assert "Move 2 lots" in page
    assert "The lot is on hold" in page
    client.post(f"/jobs/{job.pk}", {"go": "start"})
    worked(job)
    page = client.get(f"/jobs/{job.pk}?state=failed").content.decode()
    assert "Retry 1 failed" in page
    assert "wrong label" in page
    client.post(f"/jobs/{job.pk}", {"go": "retry"})
    assert "Move lots" in client.get("/jobs").content.decode()


def test_picked_lots_are_named_on_the_form(
    lots: list[Lot], as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    asked = {"verb": "hold", "scope": "picked", "_selected_action": [lots[0].pk, lots[2].pk]}
    text = client.post("/jobs/new", asked).content.decode()
    assert "N1" in text
    assert not re.search(r"\bN2\b", text)
    answers = {"verb": "hold", "scope": "picked", "pick": [lots[0].pk], "go": "check"}
    assert "This field is required" in client.post("/jobs/new", answers).content.decode()
    answers |= {"hold_class": "quality", "hold_reason": "recall", "due_on": "2020-01-01"}
    assert "This day is past" in client.post("/jobs/new", answers).content.decode()
    answers["due_on"] = "2090-01-01"
    client.post("/jobs/new", answers)
    assert BulkJob.objects.get().answers["due_on"] == "2090-01-01"


def test_refusals_of_pages_are_plain(lots: list[Lot], as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    job = checked(User.objects.get())
    for path, answers, status in (
        ("/jobs/new", {"verb": "hold", "scope": "picked"}, 404),
        ("/jobs/new", {"verb": "merge"}, 404),
        ("/jobs/new", {"verb": "ship"}, 403),
        ("/jobs/new", {"verb": "scrap", "pick": list(range(1, 200))}, 400),
        ("/jobs/new", {"verb": "scrap", "scope": "filter", "filter": "no_such=1", "reason": "x",
                       "is_sure": "on", "go": "check"}, 400),
        (f"/jobs/{job.pk}", {"go": "start"}, 403),
    ):  # fmt: skip
        assert client.post(path, answers).status_code == status, path
    assert client.get("/jobs/00000000-0000-0000-0000-000000000000").status_code == 404


def test_nonsense_asked_of_a_job_is_refused(
    lots: list[Lot], as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    job = checked(User.objects.get())
    assert client.post(f"/jobs/{job.pk}", {"go": "dance"}).status_code == 400
    answer = client.post(f"/jobs/{job.pk}", {"go": "cancel"})
    assert answer.status_code == 302
    assert set(states(job)) == {ItemState.SKIPPED, ItemState.FAILED}


def test_pages_of_lots_begin_after_the_last_row(
    lots: list[Lot], as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.selectors.jobs.PAGE_ITEMS", 2)
    client = as_role("Operator")
    job = checked(User.objects.get())
    first = client.get(f"/jobs/{job.pk}").content.decode()
    after = first.split("?after=")[1].split('"')[0]
    second = client.get(f"/jobs/{job.pk}?after={after}").content.decode()
    assert "/lots/N3" in second
    assert "/lots/N1" not in second


def test_an_auditor_starts_nothing(lots: list[Lot], as_role: Callable[[str], Client]) -> None:
    client = as_role("Auditor")
    assert "formaction" not in client.get("/admin/lots/lot/").content.decode()
    assert client.post("/jobs/new", {"verb": "move", "scope": "filter"}).status_code == 403
    assert "No job yet" in client.get("/jobs").content.decode()


def test_a_job_waits_for_the_sweep_when_the_broker_is_away(
    lots: list[Lot], as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    asked = {"verb": "move", "scope": "filter", "filter": "q=N", "go": "check", **MOVE}
    with patch("operations.views.nudging.current_app.send_task", side_effect=OSError):
        assert client.post("/jobs/new", asked).status_code == 302
    assert BulkJob.objects.get().state == JobState.CHECKING
