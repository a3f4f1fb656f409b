"""Files from a person's machine, and the matches they wait for."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from intake.domain.words import Door
from intake.models import FeedRow, LoadAttempt, RawFile, RejectedRecord
from intake.services import drain, receive_file
from intake.tests.domain.test_archives import zipped
from intake.tests.stdf_builder import sort_file
from operations.tests.line import Line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]

WIP = b"event_id,occurred_at,supplier,verb,lot,product,route,step,quantity,unit\n"


def upload(name: str = "a.wip.csv", content: bytes = WIP) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def received(content: bytes = WIP, **values: object) -> RawFile:
    file = receive_file(stream=BytesIO(content), name="b.stdf", door=Door.INBOX).file
    RawFile.objects.filter(pk=file.pk).update(**values)
    return RawFile.objects.get(pk=file.pk)


def test_an_upload_without_scripts_ends_in_the_list(as_role: Callable[[str], Client]) -> None:
    answer = as_role("Operator").post("/upload", {"uploads": [upload(), upload("b.csv", b"x")]})
    assert answer["Location"] == "/admin/intake/rawfile/"
    assert set(RawFile.objects.values_list("name", flat=True)) == {"a.wip.csv", "b.csv"}
    assert str(RawFile.objects.get(name="b.csv").arrivals.get().actor) == "operator"


def test_an_upload_by_script_answers_with_the_state(as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    json = {"Accept": "application/json"}
    (first,) = client.post("/upload", {"uploads": upload()}, headers=json).json()["files"]
    (again,) = client.post("/upload", {"uploads": upload()}, headers=json).json()["files"]
    assert (first["arrived"], again["arrived"]) == ("received", "duplicate")
    assert first["address"] == f"/files/{first['sha256']}"


def test_an_upload_may_let_engineering_lots_be_made(as_role: Callable[[str], Client]) -> None:
    as_role("Operator").post("/upload", {"uploads": upload(), "creates_lots": "on"})
    assert RawFile.objects.get().creates_lots


def test_an_upload_of_nothing_is_said(as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    assert "This field is required" in client.post("/upload", {}).content.decode()
    answer = client.post("/upload", {}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "No file came. Choose one or more.",
    )


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_file_over_the_bound_is_refused(
    accept: str, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = receive_file.__kwdefaults__
    assert bounds is not None
    monkeypatch.setitem(bounds, "bytes_max", 10)
    answer = as_role("Operator").post("/upload", {"uploads": upload()}, headers={"Accept": accept})
    assert answer.status_code >= 400
    assert "larger than 10 bytes" in answer.content.decode()
    assert not RawFile.objects.exists()


def test_states_are_asked_for_many_files_at_once(
    as_role: Callable[[str], Client], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    waiting, loading = received(), received(b"other")
    LoadAttempt.objects.create(file=loading, worker="w")
    query = {"sha256": [loading.sha256, waiting.sha256, "0" * 64]}
    auditor = as_role("Auditor")
    with django_assert_max_num_queries(5):
        body = auditor.get("/files/states", query).json()
    assert [one["state"] for one in body["files"]] == ["loading", "received"]


def test_a_file_page_shows_what_was_left_out(as_role: Callable[[str], Client]) -> None:
    file = received(state="partial", message="The file was cut.", summary={"records": {"PTR": 7}})
    RejectedRecord.objects.create(file=file, position=1234, kind="PTR", reason="too short")
    FeedRow.objects.create(
        file=file, number=3, op_key="k", content={}, content_sha256="0" * 64, reason="no lot yet"
    )
    text = as_role("Auditor").get(f"/files/{file.sha256}").content.decode()
    for words in ("The file was cut.", "PTR 7", "1,234", "too short", "no lot yet", "Partial"):
        assert words in text


def test_a_file_without_a_match_is_matched_by_a_person(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    file = received(state="unmatched", kind="stdf", message="No step is named.")
    address = f"/files/{file.sha256}"
    client = as_role("Test engineer")
    assert "Say where it belongs" in client.get(address).content.decode()
    wrong = client.post(address, {"lot": "W7Q1", "step": "NONE"})
    assert "Its steps: START, FAB" in wrong.content.decode()
    unknown = client.post(address, {"lot": "NONE", "step": "CP2"})
    assert "There is no lot with this code" in unknown.content.decode()
    assert client.post(address, {"lot": "W7Q1", "step": "CP2"})["Location"] == address
    file.refresh_from_db()
    assert (str(file.lot), str(file.step), str(file.matched_by)) == (
        "W7Q1",
        "CP2",
        "test-engineer",
    )


def test_a_match_that_comes_too_late_is_refused(
    line: Line, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = received(state="unmatched", kind="stdf")
    FeedRow.objects.create(file=file, number=1, op_key="k", content={}, content_sha256="0" * 64)
    client = as_role("Test engineer")
    answer = client.post(f"/files/{file.sha256}", {"lot": "W7Q1", "step": "CP2"})
    assert answer.status_code == 422
    assert "nothing left to match" in answer.content.decode()


def test_only_those_who_may_match_see_the_form(as_role: Callable[[str], Client]) -> None:
    file = received(state="unmatched", kind="stdf")
    client = as_role("Auditor")
    assert "Say where it belongs" not in client.get(f"/files/{file.sha256}").content.decode()
    assert client.post(f"/files/{file.sha256}", {"lot": "A", "step": "B"}).status_code == 403


def test_home_lists_files_that_wait_for_a_person(as_role: Callable[[str], Client]) -> None:
    file = received(state="unmatched", message="No step is named.")
    FeedRow.objects.create(
        file=file,
        number=1,
        op_key="k",
        content={},
        content_sha256="0" * 64,
        state="quarantined",
    )
    text = as_role("Operator").get("/").content.decode()
    assert "No step is named." in text
    assert "1 report row in quarantine" in text


def test_a_given_up_file_is_tried_again(as_role: Callable[[str], Client]) -> None:
    file = received(state="rejected")
    LoadAttempt.objects.create(
        file=file, worker="w", outcome="failed", finished_at=file.received_at
    )
    client = as_role("Test engineer")
    assert "Try again now" in client.get(f"/files/{file.sha256}").content.decode()
    client.post(f"/files/{file.sha256}", {"go": "retry"})
    file.refresh_from_db()
    assert file.state == "received"


def test_an_unknown_lot_is_made_an_engineering_lot(as_role: Callable[[str], Client]) -> None:
    file = received(state="unmatched", kind="stdf")
    as_role("Test engineer").post(f"/files/{file.sha256}", {"go": "create"})
    file.refresh_from_db()
    assert (file.state, file.creates_lots) == ("received", True)


def test_trying_again_is_refused_where_nothing_is_left(as_role: Callable[[str], Client]) -> None:
    file = received(state="loaded")
    client = as_role("Test engineer")
    assert client.post(f"/files/{file.sha256}", {"go": "retry"}).status_code == 422
    client = as_role("Auditor")
    assert client.post(f"/files/{file.sha256}", {"go": "retry"}).status_code == 403


def test_files_and_rows_are_tried_again_from_their_lists(as_role: Callable[[str], Client]) -> None:
    file = received(state="waiting", summary={"rows": 1, "notes": []})
    row = FeedRow.objects.create(
        file=file, number=1, op_key="k", content={}, content_sha256="0" * 64, state="quarantined"
    )
    client = as_role("Test engineer")
    picked = {"action": "try_again", "_selected_action": file.pk}
    assert "loaded again" in client.post("/admin/intake/rawfile/", picked).content.decode()
    client.post("/admin/intake/rawfile/", {**picked, "confirmed": "1"})
    picked = {"action": "replay", "_selected_action": row.pk, "confirmed": "1"}
    client.post("/admin/intake/feedrow/", picked)
    row.refresh_from_db()
    assert row.state == "waiting"


def test_the_page_of_an_archive_leads_to_its_files(as_role: Callable[[str], Client]) -> None:
    content = zipped(("a.stdf", sort_file(lot="W9")), ("../b.stdf", b"x"))
    client = as_role("Administrator")
    client.post("/upload", {"uploads": upload("pack.zip", content)})
    drain()
    page = client.get(f"/files/{RawFile.objects.get(name='pack.zip').sha256}").content.decode()
    member = RawFile.objects.get(name="pack.zip/a.stdf")
    assert f'<a href="/files/{member.sha256}">a.stdf</a>' in page
    assert "There is no lot W9" in page
    assert "instead of a plain file name" in page
