from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from pytest_django import Settings

from finance.models import Follower, LedgerEntry, LedgerHead, LedgerRead
from finance.services import post_events, posting, writing
from finance.tests.line import moved, wafer_lot
from finance.tests.readers import LEDGER, ledger_reader
from lots.models import Event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books")]


def together(*jobs: Callable[[], object]) -> list[BaseException]:
    """Run the jobs in threads of their own; what they raised."""
    errors: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


def post_all() -> None:
    while post_events(limit=3).events:
        pass


def test_posters_at_once_post_once() -> None:
    for number in range(10):
        moved(wafer_lot(f"W{number}", step="WAT"), "RCV", "BUMP", "CP1")
    assert together(*[post_all] * 4) == []
    keys = list(LedgerEntry.objects.values_list("op_key", flat=True))
    assert len(keys) == len(set(keys)) == 10 * (2 + 3 + 3)
    assert Follower.objects.get().seq == Event.objects.count()


def test_a_poster_killed_before_its_commit_loses_and_repeats_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wafer_lot("W1")
    append = writing.append

    def killed(*args: Any) -> None:
        append(*args)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(posting, "append", killed)
        with pytest.raises(SystemExit):
            post_events()
    assert (LedgerEntry.objects.count(), Follower.objects.get().seq) == (0, 0)
    assert post_events().entries == 2
    assert LedgerHead.objects.get().seq == 2


def follow(client: Client, is_done: threading.Event) -> list[int]:
    """Seqs a client gets by paging until writing is over and nothing is left."""
    seqs: list[int] = []
    after = 0
    while True:
        was_done = is_done.is_set()
        url = f"{LEDGER}?limit=7&after_seq={after}"
        while url:
            page = client.get(url).json()
            seqs += [row["seq"] for row in page["results"]]
            after, url = page["as_of_seq"], page["next"]
        if was_done:
            return seqs


def test_a_client_paging_under_writers_gets_every_row_once() -> None:
    client, is_done = ledger_reader(), threading.Event()
    found: list[int] = []

    def write(writer: int) -> None:
        for number in range(8):
            moved(wafer_lot(f"W{writer}-{number}", step="WAT"), "RCV", "BUMP", "CP1")

    def post() -> None:
        while not is_done.is_set():
            post_events(limit=5)

    def write_all() -> None:
        assert together(*[lambda writer=writer: write(writer) for writer in range(3)]) == []
        post_all()
        is_done.set()

    errors = together(write_all, post, post, lambda: found.extend(follow(client, is_done)))
    assert errors == []
    assert found == list(range(1, 3 * 8 * 8 + 1))


def test_readers_at_once_are_let_in_as_often_as_the_limit_says(settings: Settings) -> None:
    settings.LEDGER_READS_A_MINUTE = 2
    client, found = ledger_reader(), list[int]()
    jobs = [lambda: found.append(client.get(LEDGER).status_code)] * 12
    assert together(*jobs) == []
    assert sorted(found) == [200] * 2 + [429] * 10


def test_a_reader_who_hangs_up_is_kept_as_such() -> None:
    wafer_lot("W1")
    post_events()
    response: Any = ledger_reader().get(LEDGER, {"format": "csv"})
    next(iter(response.streaming_content))
    response.close()
    assert not LedgerRead.objects.get().is_whole
