"""A job acts under the name of who asked for it, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from lots.models import Event, Lot
from lots.tests.making import counted_lot
from operations.domain.words import JobState
from operations.models import BulkJob
from operations.services.bulk_jobs import cancel_job, check_lots, retry_failed, start_job
from operations.services.bulk_work import work_owed
from supplychain.base.errors import ForbiddenError
from tests.kept_rows import load_kept

pytestmark = pytest.mark.django_db


def job_of(person: User) -> BulkJob:
    load_kept("lots")
    counted_lot("N1")
    return check_lots(
        verb="move",
        answers={"to_step": "SFT"},
        lots=Lot.objects.all(),
        actor=person,
        now=timezone.now(),
    )


def worked(job: BulkJob) -> BulkJob:
    while work_owed(now=timezone.now()):
        pass
    job.refresh_from_db()
    return job


def reason_of(job: BulkJob) -> str:
    item = job.items.get()
    assert item.state == "failed"
    return item.reason


def test_nobody_starts_retries_or_cancels_the_job_of_another(person: Callable[[str], User]) -> None:
    job, other = worked(job_of(person("Operator"))), person("Administrator")
    now = timezone.now()
    with pytest.raises(ForbiddenError, match="Make a job of your own"):
        start_job(job=job, actor=other, is_all_or_nothing=False, now=now)
    with pytest.raises(ForbiddenError, match="Only operator"):
        retry_failed(job=job, actor=other, now=now)
    with pytest.raises(ForbiddenError):
        cancel_job(job=job, actor=other, now=now)
    job.refresh_from_db()
    assert job.state == JobState.CHECKED


def test_the_page_offers_another_nothing_and_says_why(
    person: Callable[[str], User], as_role: Callable[[str], Client]
) -> None:
    job = worked(job_of(person("Operator")))
    client = as_role("Administrator")
    assert 'value="start"' not in client.get(f"/jobs/{job.pk}").content.decode()
    answer = client.post(f"/jobs/{job.pk}", {"go": "start"})
    assert answer.status_code == 403
    assert "Make a job of your own" in answer.content.decode()


def test_a_right_that_was_lost_ends_the_job(person: Callable[[str], User]) -> None:
    operator = person("Operator")
    job = worked(job_of(operator))
    job = start_job(job=job, actor=operator, is_all_or_nothing=False, now=timezone.now())
    operator.groups.clear()
    assert "may not move lots any more" in reason_of(worked(job))
    assert job.state == JobState.DONE
    assert not Event.objects.filter(verb="move").exists()


def test_a_check_asks_for_the_right_too(person: Callable[[str], User]) -> None:
    operator = person("Operator")
    job = job_of(operator)
    User.objects.filter(pk=operator.pk).update(is_active=False)
    assert "may not move lots any more" in reason_of(worked(job))
    assert job.state == JobState.CHECKED
