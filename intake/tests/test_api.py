from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from intake.models import Arrival, RawFile
from intake.services import drain
from intake.tests.domain.test_archives import zipped
from intake.tests.handing import hand_in, loaded, start_row, wip, wip_row
from intake.tests.stdf_builder import Writer, sort_file
from lots.tests.making import wafer_lot

ADDRESS = "/api/v1/files"
SORT = sort_file(lot="W1", flow="CP1", wafers=("1",))


def client_of(rights: Iterable[str]) -> Client:
    user = User.objects.create_user(f"user-{len(list(rights))}-{User.objects.count()}")
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def clerk(db: None, files_folder: Path) -> Client:
    return client_of(["view_rawfile", "add_rawfile"])


def post(client: Client, content: bytes, query: str = "?name=a.stdf") -> Any:
    return client.post(f"{ADDRESS}{query}", content, content_type="application/octet-stream")


def test_a_body_is_a_file(clerk: Client) -> None:
    answer = post(clerk, SORT)
    assert answer.status_code == 201
    body = answer.json()
    assert body["sha256"] == hashlib.sha256(SORT).hexdigest()
    assert (body["name"], body["state"], body["is_duplicate"]) == ("a.stdf", "received", False)
    arrival = Arrival.objects.get()
    assert (arrival.door, arrival.actor is not None) == ("api", True)


def test_a_form_carries_a_file(clerk: Client) -> None:
    answer = clerk.post(ADDRESS, {"file": SimpleUploadedFile("b.stdf", SORT)})
    assert (answer.status_code, answer.json()["name"]) == (201, "b.stdf")


def test_the_same_bytes_again_answer_200(clerk: Client) -> None:
    post(clerk, SORT)
    answer = post(clerk, SORT)
    assert (answer.status_code, answer.json()["is_duplicate"]) == (200, True)


def test_an_empty_body_is_an_empty_file(clerk: Client) -> None:
    assert post(clerk, b"").json()["size"] == 0


def test_an_engineering_lot_may_be_asked_for(clerk: Client) -> None:
    post(clerk, SORT, "?name=a.stdf&create_lots=true")
    assert RawFile.objects.get().creates_lots


@pytest.mark.parametrize(
    "query", ["", "?name=a&create_lots=perhaps", "?name=a&colour=red", "?name=a%00b"]
)
def test_wrong_parameters_are_refused(clerk: Client, query: str) -> None:
    answer = post(clerk, SORT, query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not RawFile.objects.exists()


@pytest.mark.parametrize("count", [0, 2])
def test_a_form_carries_one_file_exactly(clerk: Client, count: int) -> None:
    files = {f"file{number}": SimpleUploadedFile("b.stdf", SORT) for number in range(count)}
    answer = clerk.post(ADDRESS, {**files, "x": "1"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_looking_does_not_allow_handing_in(files_folder: Path, db: None) -> None:
    assert post(client_of(["view_rawfile"]), SORT).status_code == 403


def test_handing_in_does_not_allow_looking(files_folder: Path, db: None) -> None:
    assert client_of(["add_rawfile"]).get(ADDRESS).status_code == 403


def test_strangers_see_nothing(db: None) -> None:
    assert Client().get(ADDRESS).status_code == 401


def test_files_are_listed_newest_first_with_one_query(
    clerk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        hand_in(str(number).encode(), f"{number}.stdf")
    with django_assert_num_queries(5):  # session, user, two for rights, rows
        body = clerk.get(ADDRESS).json()
    assert [row["name"] for row in body["results"]] == [
        f"{number}.stdf" for number in (4, 3, 2, 1, 0)
    ]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=received", ["b.wip.csv", "a.stdf"]),
        ("state=loading", []),
        ("kind=wip", ["b.wip.csv"]),
        ("q=a.", ["a.stdf"]),
        ("lot=W1", []),
    ],
)
def test_files_are_filtered(clerk: Client, query: str, names: list[str]) -> None:
    hand_in(SORT)
    hand_in(wip(start_row()), "b.wip.csv")
    body = clerk.get(f"{ADDRESS}?{query}").json()
    assert [row["name"] for row in body["results"]] == names


def test_an_unknown_parameter_is_refused(clerk: Client) -> None:
    assert clerk.get(f"{ADDRESS}?colour=red").status_code == 400


def test_one_file_tells_what_was_read(
    material: Path, clerk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    wafer_lot("W1", step="CP1")
    writer = Writer()
    content = SORT.replace(writer.mrr(), writer.record(5, 20, b"\x01") + writer.mrr())
    file = loaded(content)
    # session, user, two for rights; file, arrivals, attempts, bins, rows, rejected records
    with django_assert_num_queries(10):
        body = clerk.get(f"{ADDRESS}/{file.sha256}").json()
    assert (body["state"], body["lot"], body["step"]) == ("partial", "W1", "CP1")
    assert body["figures"]["final_hard_bins"] == {"1": 3, "2": 1}
    assert body["summary"]["records"]["PRR"] == 5
    assert body["rejected_records"][0]["kind"] == "PRR"
    assert [attempt["outcome"] for attempt in body["attempts"]] == ["done"]


def test_a_report_tells_its_rows_by_state(material: Path, clerk: Client) -> None:
    file = loaded(wip(start_row(), wip_row("move", "W9", 1, step="CP2")), "x.wip.csv")
    body = clerk.get(f"{ADDRESS}/{file.sha256}").json()
    assert body["row_counts"] == {"applied": 1, "waiting": 1}
    assert body["figures"] is None


def test_an_unknown_file_is_not_found(clerk: Client) -> None:
    assert clerk.get(f"{ADDRESS}/{'0' * 64}").status_code == 404


def test_an_archive_of_several_files_tells_each(material: Path, clerk: Client) -> None:
    content = zipped(("a.stdf", SORT), ("x/b.stdf", SORT))
    sent = post(clerk, content, "?name=pack.zip").json()
    assert (sent["kind"], sent["state"]) == ("archive", "received")
    drain()
    body = clerk.get(f"{ADDRESS}/{sent['sha256']}").json()
    assert body["state"] == "partial"
    taken, left = body["members"]
    assert (taken["name"], taken["state"], taken["reason"]) == ("a.stdf", "unmatched", "")
    assert taken["sha256"] == hashlib.sha256(SORT).hexdigest()
    assert (left["number"], left["sha256"], left["state"]) == (2, None, None)
    assert "path" in left["reason"]
