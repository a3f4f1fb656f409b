"""Rows, previews and expected files over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from intake.models import ExpectedFile, RawFile
from intake.tests.handing import loaded, start_row, wip, wip_row
from lots.models import Supplier

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(material: Path) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.create_superuser("root"))
    return client


def bad_file() -> RawFile:
    return loaded(wip(start_row(), wip_row("move", "W1", 1, step="NOWHERE")), "a.wip.csv")


def test_rows_are_listed_by_state(api: APIClient) -> None:
    address = f"/api/v1/files/{bad_file().sha256}/rows"
    rows = api.get(address, {"state": "quarantined"}).json()["results"]
    assert [(row["number"], row["content"]["step"]) for row in rows] == [(3, "NOWHERE")]
    assert len(api.get(address).json()["results"]) == 2
    assert api.get(address, {"state": "odd"}).status_code == 400
    assert api.get(f"/api/v1/files/{'0' * 64}/rows").status_code == 404


def test_a_row_is_repaired(api: APIClient) -> None:
    address = f"/api/v1/files/{bad_file().sha256}/rows/3"
    content = api.get(address).json()["content"]
    answer = api.put(address, {"content": {**content, "step": "CP2"}}, format="json").json()
    assert (answer["state"], answer["original"]["step"]) == ("waiting", "NOWHERE")
    assert api.put(address, {"content": "x"}, format="json").status_code == 400
    assert api.get(address.replace("/3", "/9")).status_code == 404


def test_rows_are_dropped_or_tried_again_together(api: APIClient) -> None:
    file = bad_file()
    address = f"/api/v1/files/{file.sha256}/rows"
    wish = {"act": "drop", "numbers": [3], "reason": "Sent in error."}
    assert api.post(address, wish, format="json").json() == {"rows": 1}
    assert file.rows.get(number=3).state == "dropped"
    assert api.post(address, {"act": "replay", "numbers": [3]}, format="json").json() == {"rows": 1}
    assert api.post(address, {**wish, "numbers": [99]}, format="json").status_code == 404
    assert api.post(address, {**wish, "numbers": [2]}, format="json").status_code == 422
    assert api.post(address, {**wish, "reason": ""}, format="json").status_code == 400


def test_a_preview_answers_what_a_file_would_do(api: APIClient) -> None:
    upload = SimpleUploadedFile("a.wip.csv", wip(start_row()))
    answer = api.post("/api/v1/files?preview=true", {"file": upload}, format="multipart")
    body = answer.json()
    assert (answer.status_code, body["totals"]["applied"], body["is_duplicate"]) == (200, 1, False)
    assert body["lots"] == [{"lot": "W1", "before": "", "after": "2 wafer at CP1, active"}]
    assert not RawFile.objects.exists()


def test_expected_files_are_listed(api: APIClient) -> None:
    ExpectedFile.objects.create(
        name="daily", supplier=Supplier.objects.get(code="OSAT1"), kind="wip", every_hours=24
    )
    (one,) = api.get("/api/v1/expected-files").json()
    assert (one["name"], one["supplier"], one["state"]) == ("daily", "OSAT1", "due")
