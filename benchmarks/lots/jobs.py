"""A bulk job over 5,000 lots: the page that starts it, pages beside it, a worker that is killed."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.test import Client

from benchmarks.lots.telling import tell
from benchmarks.lots.verbs import command, hot_lot
from lots.domain.words import Verb
from lots.models import Event, Lot, Step
from lots.selectors.verifying import first_fault
from lots.services import load_reference, move_lot
from operations.domain.words import ItemState, JobState
from operations.models import BulkJob

LOTS = 5_000
BESIDE = 500
LIST = "/admin/lots/lot/"
PAGES = ("/", "/holds", LIST, "/jobs/{job}", "/jobs/{job}/state")
IDLE_ROUNDS = 20
STEP = "SFT"
WORKER = """
from django.utils import timezone
from operations.services.bulk_work import work_owed
while work_owed(now=timezone.now()): pass
"""
PACE = "verbs one by one beside it: no bound"
PAGE = "the slowest page alone: no bound"
NEAR = "pages beside the job over pages alone: no bound"


def main() -> None:
    """Print how long the page takes to start, its pace, and what pages take beside it."""
    load_reference()
    for number in range(LOTS):
        hot_lot(f"JOB-{number:04d}")
    person = User.objects.create_superuser("benchmark")
    client = Client(HTTP_HOST="localhost", raise_request_exception=True)
    client.force_login(person)
    client.get(LIST)
    begun = time.perf_counter()
    job = asked(client)
    asking = time.perf_counter() - begun
    alone = middle([took(client, job) for _ in range(IDLE_ROUNDS)])
    carried_out(job, JobState.CHECKED)
    begun = time.perf_counter()
    client.post(f"/jobs/{job.pk}", {"go": "start"})
    starting = time.perf_counter() - begun
    tell(f"to ask for a job over {LOTS:,} lots", asking, alone, "s", PAGE)
    tell("to start it", starting, alone, "s", PAGE)
    begun = time.perf_counter()
    beside = run_and_kill(client, job)
    pace = LOTS / (time.perf_counter() - begun)
    tell(f"{LOTS:,} lots moved by a job", pace, one_by_one(), "lots/s", PACE)
    tell("pages beside it", middle(beside), alone, "s", NEAR)
    proven(job)


def asked(client: Client) -> BulkJob:
    """The job, to be tried by a worker."""
    answers = {"verb": "move", "scope": "filter", "filter": "q=JOB-", "to_step": STEP}
    answer = client.post("/jobs/new", {**answers, "go": "check"})
    assert answer.status_code == 302, answer.content.decode()[:400]
    return BulkJob.objects.get()


def took(client: Client, job: BulkJob) -> float:
    """Seconds of the slowest of the pages."""
    slowest = 0.0
    for page in PAGES:
        begun = time.perf_counter()
        answer = client.get(page.format(job=job.pk))
        slowest = max(slowest, time.perf_counter() - begun)
        assert answer.status_code == 200, page
    return slowest


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that works what is owed; killed without a word at the end."""
    words = [sys.executable, "manage.py", "shell", "-v0", "-c", WORKER]
    process = subprocess.Popen(words, env=os.environ)  # noqa: S603
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def carried_out(job: BulkJob, state: JobState) -> None:
    """Until a worker brought it there."""
    with worker() as process:
        process.wait()
    job.refresh_from_db()
    assert job.state == state, job.state


def run_and_kill(client: Client, job: BulkJob) -> list[float]:
    """What pages took meanwhile. The first worker is killed half way, a second goes on."""
    taken: list[float] = []
    with worker():
        while done(job) < LOTS / 2:
            taken.append(took(client, job))
    with worker() as process:
        while process.poll() is None:
            taken.append(took(client, job))
    return taken


def done(job: BulkJob) -> int:
    """Lots of it that were moved."""
    return job.items.filter(state=ItemState.DONE).count()


def one_by_one() -> float:
    """Lots a second moved by the verb alone."""
    lots = [hot_lot(f"ALONE-{number:03d}") for number in range(BESIDE)]
    step = Step.objects.get(route_version=lots[0].route_version_id, code=STEP)
    begun = time.perf_counter()
    for lot in lots:
        move_lot(lot=lot, to_step=step, command=command())
    return BESIDE / (time.perf_counter() - begun)


def middle(values: Sequence[float]) -> float:
    """Their median."""
    return statistics.median(values)


def proven(job: BulkJob) -> None:
    """Every lot moved once, though a worker was killed; the ledger proves itself."""
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.state
    moves = Event.objects.filter(verb=Verb.MOVE, lot__code__startswith="JOB-")
    assert moves.count() == LOTS, f"{moves.count()} moves"
    assert Lot.objects.filter(code__startswith="JOB-", step__code=STEP).count() == LOTS
    assert first_fault() is None
    sys.stdout.write(f"{LOTS:,} moves, one a lot; the ledger proves itself.\n")
