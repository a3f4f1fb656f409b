from __future__ import annotations

import hashlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.storage import default_storage
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client

from finance import tasks
from finance.domain.queries import LedgerQuery
from finance.domain.words import ExportFormat, ExportState
from finance.models import ExportFile, ExportJob, LedgerEntry, LedgerRead
from finance.selectors.exports import control_totals
from finance.selectors.ledger import LedgerPage, ledger_page
from finance.selectors.ledger_files import ledger_file
from finance.services import ask_export, exporting, post_events, work_exports
from finance.tests.line import moved, shipped, wafer_lot
from finance.tests.readers import body, client_of
from supplychain.base.errors import ConflictError, MissingError

EXPORTS = "/api/v1/finance/exports"
PARTS = 7
RIGHTS = ["add_exportjob", "view_exportjob", "view_ledgerentry"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ledger")]


@pytest.fixture
def ledger(books: None) -> None:
    lot = shipped(moved(wafer_lot("W1", 2), "FAB", "WAT"), "OSAT1", "RCV", counted=1)
    moved(lot, "BUMP", "CP1", "CP2", "DICE")
    post_events()


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "FILE_ROWS", PARTS)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda *_, **__: None)


@pytest.fixture
def person(books: None) -> User:
    user = User.objects.create_user("ann")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    return user


@pytest.fixture
def client(person: User) -> Client:
    return client_of(person)


def asked(person: User, kind: ExportFormat = ExportFormat.CSV, **query: Any) -> ExportJob:
    return ask_export(
        query=LedgerQuery(limit=0, **query), kind=kind, key=f"key-{query}-{kind}", actor=person
    )


def done(job: ExportJob) -> ExportJob:
    assert not work_exports(files_max=100)
    job.refresh_from_db()
    return job


def post(client: Client, body: object, key: str = "k1") -> Any:
    return client.post(
        EXPORTS, body, content_type="application/json", headers={"Idempotency-Key": key}
    )


def files_of(job: ExportJob) -> list[bytes]:
    files = job.files.order_by("number")
    return [Path(default_storage.path(file.storage_path)).read_bytes() for file in files]


def test_files_together_hold_every_row_once(person: User) -> None:
    job = done(asked(person))
    rows = [line for content in files_of(job) for line in content.splitlines()[1:]]
    assert len(files_of(job)) > 1
    assert [int(row.split(b",")[0]) for row in rows] == list(
        LedgerEntry.objects.order_by("seq").values_list("seq", flat=True)
    )
    assert (job.state, job.row_count) == (ExportState.READY, len(rows))


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_a_file_is_what_the_ledger_itself_answers(kind: ExportFormat, person: User) -> None:
    file = done(asked(person, kind)).files.get(number=1)
    page = ledger_page(LedgerQuery(limit=PARTS))
    streamed = b"".join(piece for piece, _ in ledger_file(page, kind))
    assert (file.sha256, file.byte_count) == (hashlib.sha256(streamed).hexdigest(), len(streamed))


def test_rows_posted_while_it_runs_are_not_in_it(person: User) -> None:
    job = asked(person)
    before = control_totals(job).rows
    work_exports()
    wafer_lot("W9", 1)
    post_events()
    assert done(job).row_count == before


def test_an_export_of_the_same_seq_gives_the_same_files_later(person: User) -> None:
    first = done(asked(person, as_of_seq=12))
    wafer_lot("W9", 1)
    post_events()
    again = done(ask_export(
        query=LedgerQuery(limit=0, as_of_seq=12), kind=ExportFormat.CSV, key="later", actor=person
    ))  # fmt: skip
    assert list(first.files.values_list("sha256")) == list(again.files.values_list("sha256"))


def test_filters_narrow_files_and_totals_alike(person: User) -> None:
    job = done(asked(person, account="inventory"))
    wanted = LedgerEntry.objects.filter(account="inventory").count()
    assert wanted == job.totals["rows"] == sum(file.row_count for file in job.files.all())


def test_control_totals_say_what_the_rows_add_up_to(person: User) -> None:
    totals = done(asked(person)).totals
    assert totals["amount"] == "0.000000"
    assert totals["debit"] == totals["credit"].removeprefix("-")
    assert totals["quantities"] == {"wafer": "0"}


def test_nothing_to_export_is_one_empty_file(person: User) -> None:
    job = done(asked(person, period="2020-01"))
    assert [content.count(b"\n") for content in files_of(job)] == [1]


def test_a_killed_worker_is_taken_up_where_its_last_file_ends(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(done(asked(person)).files.values_list("sha256", flat=True))
    job = ask_export(query=LedgerQuery(limit=0), kind=ExportFormat.CSV, key="2", actor=person)
    work_exports()

    class KilledError(BaseException):
        """As sudden as a signal."""

    def killed(*_: object) -> str:
        raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(exporting, "store", killed)
        work_exports()
    assert ExportJob.objects.get(pk=job.pk).state == ExportState.RUNNING
    assert list(done(job).files.values_list("sha256", flat=True)) == whole


def test_a_fault_is_tried_again_and_given_up_in_the_end(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(person)
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "store", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        assert work_exports(files_max=2)
        job.refresh_from_db()
        assert (job.state, job.tries) == (ExportState.WAITING, 2)
        assert not work_exports(files_max=10)
    job.refresh_from_db()
    assert job.state == ExportState.FAILED
    assert "disk full" in job.message


@pytest.mark.parametrize("error", [ValueError("no such row"), AssertionError, MissingError("gone")])
def test_an_export_that_fails_holds_up_no_other(
    error: Exception, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor, other = asked(person, ExportFormat.PARQUET), asked(person)

    def file(page: LedgerPage, kind: ExportFormat) -> Generator[tuple[bytes, int]]:
        if kind is ExportFormat.PARQUET:
            raise error
        return ledger_file(page, kind)

    monkeypatch.setattr(exporting, "ledger_file", file)
    assert done(other).state == ExportState.READY
    poor.refresh_from_db()
    assert (poor.state, poor.tries) == (ExportState.FAILED, 5)


def test_who_lost_the_right_gets_nothing_more(person: User) -> None:
    job = asked(person)
    person.user_permissions.clear()
    assert done(job).state == ExportState.FAILED
    assert not job.files.exists()


def test_the_task_writes_them(person: User) -> None:
    job = asked(person)
    tasks.work_exports()
    job.refresh_from_db()
    assert job.state == ExportState.READY


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_exportfile SET row_count = 0",
        "DELETE FROM finance_exportfile",
        "TRUNCATE finance_exportfile",
        "UPDATE finance_exportjob SET row_count = 0",
        "DELETE FROM finance_exportjob",
    ],
)
def test_the_database_refuses_to_change_what_is_finished(statement: str, person: User) -> None:
    done(asked(person))
    connection.check_constraints()
    with (
        pytest.raises(DatabaseError, match=r"append-only|is finished"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_asking_is_answered_at_once_with_the_address(client: Client) -> None:
    answer = post(client, {"format": "parquet"})
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    there = client.get(answer["Location"]).json()
    assert (there["id"], there["totals"], there["files"]) == (answer.json()["id"], None, [])


def test_the_same_key_and_body_get_the_first_answer(client: Client) -> None:
    first = post(client, {"format": "csv"}).json()["id"]
    wafer_lot("W9", 1)
    post_events()
    assert post(client, {"format": "csv"}).json()["id"] == first
    assert post(client, {"format": "ndjson"}).status_code == 409
    assert post(client, {"format": "csv"}, key="k2").json()["id"] != first


def test_a_key_is_ones_own(person: User) -> None:
    query = LedgerQuery(limit=0)
    first = ask_export(query=query, kind=ExportFormat.CSV, key="k", actor=person)
    other = User.objects.create_user("bob")
    assert ask_export(query=query, kind=ExportFormat.CSV, key="k", actor=other).pk != first.pk
    with pytest.raises(ConflictError):
        ask_export(query=query, kind=ExportFormat.NDJSON, key="k", actor=person)


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"format": "xlsx"}, {"format": "csv", "lot": "W1"}, {"format": "csv", "after_seq": -1},
        {"format": "csv", "period": "2026-13"}, {"format": "csv", "account": "cash"}, [], "csv",
    ],
)  # fmt: skip
def test_a_wrong_question_is_refused(wrong: object, client: Client) -> None:
    answer = post(client, wrong)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not ExportJob.objects.exists()


def test_a_key_is_needed(client: Client) -> None:
    assert post(client, {"format": "csv"}, key="").status_code == 400


def test_a_seq_that_has_not_come_yet_cannot_be_exported(client: Client) -> None:
    assert post(client, {"format": "csv", "as_of_seq": 10**6}).status_code == 404


def test_progress_is_told_file_by_file(client: Client, person: User) -> None:
    job = asked(person)
    work_exports()
    there = client.get(f"{EXPORTS}/{job.pk}").json()
    assert (there["state"], there["rows_written"]) == ("running", PARTS)
    assert there["row_count"] > PARTS
    assert [file["row_count"] for file in there["files"]] == [PARTS]
    assert client.get(EXPORTS).json()["results"] == [there]


@pytest.fixture
def address(person: User) -> str:
    return f"{EXPORTS}/{done(asked(person)).pk}/files/1"


def test_a_broken_download_is_taken_up_again(client: Client, address: str) -> None:
    whole = client.get(address)
    content, etag = body(whole), whole["ETag"]
    rest = client.get(address, headers={"Range": "bytes=100-", "If-Range": etag})
    assert (rest.status_code, rest["Content-Range"]) == (
        206,
        f"bytes 100-{len(content) - 1}/{len(content)}",
    )
    assert content[:100] + body(rest) == content
    assert hashlib.sha256(content).hexdigest() == etag.strip('"')


def test_parts_of_another_file_are_not_mixed_in(client: Client, address: str) -> None:
    answer = client.get(address, headers={"Range": "bytes=100-", "If-Range": '"other"'})
    assert (answer.status_code, "Content-Range" in answer) == (200, False)


def test_a_part_beyond_the_end_is_refused_with_the_size(client: Client, address: str) -> None:
    answer = client.get(address, headers={"Range": "bytes=99999999-"})
    size = ExportFile.objects.earliest("id").byte_count
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{size}")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_file_that_is_held_is_not_sent_again(client: Client, address: str) -> None:
    tag = client.head(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert not LedgerRead.objects.exists()


def test_every_download_is_kept(client: Client, address: str) -> None:
    content = body(client.get(address))
    body(client.get(address, headers={"Range": "bytes=0-9"}))
    part, whole = LedgerRead.objects.filter(query__contains="/files/").order_by("-id")
    assert (whole.row_count, whole.sha256) == (PARTS, hashlib.sha256(content).hexdigest())
    assert (part.row_count, part.sha256) == (0, hashlib.sha256(content[:10]).hexdigest())
    assert part.query.endswith("/files/1 bytes 0-9")


@pytest.mark.parametrize("middle", [1, 700, 1500])
def test_rows_of_two_parts_add_up_to_the_whole(middle: int, client: Client, address: str) -> None:
    for part in (f"0-{middle - 1}", f"{middle}-"):
        body(client.get(address, headers={"Range": f"bytes={part}"}))
    rows = list(LedgerRead.objects.values_list("row_count", flat=True))
    size = ExportFile.objects.earliest("id").byte_count
    assert sorted(rows) == sorted([PARTS * middle // size, PARTS - PARTS * middle // size])


def test_a_file_that_is_not_there_is_missing(client: Client, address: str) -> None:
    assert client.get(address.replace("files/1", "files/99")).status_code == 404
    assert client.get(f"{EXPORTS}/00000000-0000-0000-0000-000000000000").status_code == 404


def test_who_may_look_may_not_ask() -> None:
    user = User.objects.create_user("bob")
    user.user_permissions.set(Permission.objects.filter(codename="view_exportjob"))
    assert client_of(user).get(EXPORTS).status_code == 200
    assert post(client_of(user), {"format": "csv"}).status_code == 403


def test_a_database_that_fails_is_no_fault_of_the_export(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(person)
    with monkeypatch.context() as patch:
        patch.setattr(
            exporting, "ledger_page", lambda _: (_ for _ in ()).throw(OperationalError("away"))
        )
        work_exports()
    assert done(job).state == ExportState.READY
