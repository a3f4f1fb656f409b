"""Batches that the database takes back."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from lots.models import Event, Lot
from lots.tests.making import counted_lot
from operations.domain.words import JobState
from operations.models import BulkJob
from operations.services import bulk_work
from operations.services.bulk_acts import BULK_ACTS, BulkAct
from operations.services.bulk_jobs import check_lots, start_job
from operations.services.bulk_work import work_owed
from tests.kept_rows import load_kept

pytestmark = pytest.mark.django_db
ACT = BULK_ACTS["move"]


def run(lot: Lot, asked: Any, own: Any) -> Event:
    if lot.code == "N2":
        raise OperationalError("out of memory")
    return ACT.run(lot, asked, own)


BROKEN = BulkAct(ACT.verb, ACT.title, ACT.icon, ACT.right, run)


def job_over_three() -> BulkJob:
    load_kept("lots")
    for number in (1, 2, 3):
        counted_lot(f"N{number}")
    return check_lots(
        verb="move",
        answers={"to_step": "SFT"},
        lots=Lot.objects.all(),
        actor=User.objects.create_superuser("ann"),
        now=timezone.now(),
    )


def worked(job: BulkJob, calls: int = 12) -> list[str]:
    for _ in range(calls):
        work_owed(now=timezone.now())
    job.refresh_from_db()
    return list(job.items.order_by("id").values_list("state", flat=True))


def start(job: BulkJob, *, as_one: bool = False) -> BulkJob:
    return start_job(job=job, actor=job.created_by, is_all_or_nothing=as_one, now=timezone.now())


@pytest.mark.parametrize(
    ("as_one", "states"),
    [(False, ["done", "failed", "done"]), (True, ["failed", "failed", "failed"])],
)
def test_a_lot_that_the_database_never_takes_fails_in_the_end(
    as_one: bool, states: list[str]
) -> None:
    job = job_over_three()
    worked(job)
    job = start(job, as_one=as_one)
    with patch.dict(BULK_ACTS, {"move": BROKEN}):
        assert worked(job, calls=3) == ["ready"] * 3
        assert worked(job) == states
    assert job.state == JobState.DONE
    assert "took it back 4 times: out of memory" in job.items.get(lot__code="N2").reason
    assert job.pk not in bulk_work._taken_back


def test_a_check_goes_on_without_it(db: None) -> None:
    job = job_over_three()
    with patch.dict(BULK_ACTS, {"move": BROKEN}):
        assert worked(job) == ["ready", "failed", "ready"]
    assert job.state == JobState.CHECKED


def test_a_database_that_is_away_blames_no_lot() -> None:
    job = job_over_three()
    with patch.object(bulk_work, "_claimed", side_effect=OperationalError("gone")):
        assert worked(job) == ["waiting"] * 3
    assert worked(job) == ["ready"] * 3
