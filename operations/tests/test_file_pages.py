"""Rows, previews and expected files on pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from intake.models import ExpectedFile, FeedMapping, FeedRow, MappedColumn, RawFile
from intake.tests.handing import loaded, start_row, wip, wip_row
from intake.tests.maps_writer import e142
from lots.models import Lot, Supplier
from tests.kept_rows import load_kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def material(db: None, files_folder: Path) -> None:
    load_kept("lots")


@pytest.fixture
def quality(as_role: Callable[[str], Client]) -> Client:
    return as_role("Quality")


def bad_row() -> FeedRow:
    file = loaded(wip(start_row(), wip_row("move", "W1", 1, step="NOWHERE")), "a.wip.csv")
    return file.rows.get(state="quarantined")


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_file_shows_its_rows_balanced_and_by_state(quality: Client) -> None:
    row = bad_row()
    text = text_of(quality, f"/files/{row.file.sha256}")
    assert "Read 2 = 1 applied + 1 quarantined, in lines." in text
    narrowed = text_of(quality, f"/files/{row.file.sha256}?rows=quarantined")
    assert narrowed.count('name="pick"') == 1
    assert "No row is in this state" in text_of(quality, f"/files/{row.file.sha256}?rows=waiting")


def test_a_row_is_repaired_beside_what_the_partner_wrote(quality: Client) -> None:
    row = bad_row()
    address = f"/files/{row.file.sha256}/rows/3"
    text = text_of(quality, address)
    assert "As the partner wrote it" in text
    assert text.count("NOWHERE") >= 2
    answers = {f"value_{name}": value for name, value in row.content.items()}
    assert quality.post(address, {**answers, "value_step": "CP2"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.content["step"], str(row.decided_by)) == ("waiting", "CP2", "quality")
    wrong = quality.post(address, {**answers, "value_occurred_at": "noon"})
    assert (wrong.status_code, "write it like" in wrong.content.decode()) == (400, True)


def test_nested_rows_are_repaired_as_json(quality: Client) -> None:
    row = loaded(e142("01"), "w1.xml").rows.get()
    address = f"/files/{row.file.sha256}/rows/1"
    assert "W1-01" in text_of(quality, address)
    wrong = quality.post(address, {"value_bins": "[", "value_wafer": "W1-01"})
    assert "This is no JSON" in wrong.content.decode()


def test_rows_are_dropped_with_a_reason(quality: Client) -> None:
    row = bad_row()
    picked = {"pick": row.pk}
    assert "left out for good" in quality.get("/files/rows/drop", picked).content.decode()
    assert quality.post("/files/rows/drop", picked).status_code == 400
    quality.post("/files/rows/drop", {**picked, "reason": "Sent in error."})
    row.refresh_from_db()
    assert row.reason == "Dropped by quality: Sent in error."
    again = quality.post("/files/rows/drop", {**picked, "reason": "x"})
    assert (again.status_code, "is settled" in again.content.decode()) == (422, True)
    assert (
        "applied if the rules allow" in quality.get("/files/rows/replay", picked).content.decode()
    )
    quality.post("/files/rows/replay", picked)
    row.refresh_from_db()
    assert row.state == "waiting"


@pytest.mark.parametrize("address", ["/files/rows/burn?pick=1", "/files/rows/drop"])
def test_what_is_no_act_or_names_no_row_is_not_found(quality: Client, address: str) -> None:
    assert quality.get(address).status_code == 404


def test_who_may_only_look_sees_no_forms(as_role: Callable[[str], Client]) -> None:
    row = bad_row()
    client = as_role("Auditor")
    address = f"/files/{row.file.sha256}/rows/3"
    assert "Repair and try again" not in text_of(client, address)
    assert client.post(address, {}).status_code == 403
    assert client.get("/files/rows/drop").status_code == 403
    assert client.get(f"/files/{row.file.sha256}/rows/99").status_code == 404


def test_a_report_is_shown_before_it_is_taken_in(as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    assert "Choose a report" in text_of(client, "/upload/preview")
    upload = SimpleUploadedFile("a.wip.csv", wip(start_row(), wip_row("explode", "W1", 1)))
    answer = client.post("/upload/preview", {"upload": upload})
    text = answer.content.decode()
    for words in ("2 lines read", "Quarantined", "2 wafer at CP1, active", "is no verb"):
        assert words in text
    assert not Lot.objects.exists()
    taken = client.post("/upload/preview", {"token": answer.context["token"]})
    file = RawFile.objects.get()
    assert (taken["Location"], file.name) == (f"/files/{file.sha256}", "a.wip.csv")
    upload.seek(0)
    assert "came before" in client.post("/upload/preview", {"upload": upload}).content.decode()


def test_what_cannot_be_previewed_says_why(as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    assert client.post("/upload/preview", {}).status_code == 400
    assert client.post("/upload/preview", {"token": "x"}).status_code == 412
    answer = client.post("/upload/preview", {"upload": SimpleUploadedFile("a.txt", b"x")})
    assert (answer.status_code, "kind is not known" in answer.content.decode()) == (400, True)


def test_expected_files_say_what_came_and_what_is_late(as_role: Callable[[str], Client]) -> None:
    client = as_role("Auditor")
    assert "No file is expected" in text_of(client, "/files/expected")
    for name, kind in [("daily wip", "wip"), ("daily notice", "asn")]:
        ExpectedFile.objects.create(
            name=name,
            supplier=Supplier.objects.get(code="OSAT1"),
            kind=kind,
            every_hours=24,
            starts_at=timezone.now() - timedelta(days=2),
        )
    loaded(wip(start_row()), "today.wip.csv")
    text = text_of(client, "/files/expected")
    for words in ("daily notice", "Late", "nothing in 60 days", "today.wip.csv"):
        assert words in text


@pytest.fixture
def mapping(admin_user: User) -> FeedMapping:
    found = FeedMapping.objects.create(
        name="OSAT7",
        supplier=Supplier.objects.get(code="OSAT1"),
        kind="wip",
        file_pattern="osat7_*",
        sample="LotNo,occurred_at,verb\nW1,2026-03-01T08:00:00+00:00,hold\n",
    )
    MappedColumn.objects.create(mapping=found, ours="lot", theirs="LotNo")
    return found


def test_a_mapping_shows_how_its_sample_is_read(mapping: FeedMapping, admin_client: Client) -> None:
    address = f"/admin/intake/feedmapping/{mapping.pk}/change/"
    assert "2026-03-01T08:00:00+00:00" in text_of(admin_client, address)
    FeedMapping.objects.update(sample="LotNo,occurred_at\n")
    assert "does not name the columns verb" in text_of(admin_client, address)
    FeedMapping.objects.update(sample="LotNo,occurred_at,verb\n")
    assert "a header and no lines" in text_of(admin_client, address)
    assert "Paste some lines" in text_of(admin_client, "/admin/intake/feedmapping/add/")


def test_a_mapping_takes_only_columns_of_its_kind(
    mapping: FeedMapping, admin_client: Client
) -> None:
    form = {
        "name": "OSAT7", "supplier": mapping.supplier_id, "kind": "wip", "file_pattern": "osat7_*",
        "priority": 1, "delimiter": "comma", "encoding": "utf-8",
        "columns-TOTAL_FORMS": 1, "columns-INITIAL_FORMS": 0, "columns-0-ours": "colour",
        "columns-0-theirs": "Farbe", "columns-0-mapping": mapping.pk,
        "values-TOTAL_FORMS": 0, "values-INITIAL_FORMS": 0,
    }  # fmt: skip
    address = f"/admin/intake/feedmapping/{mapping.pk}/change/"
    assert "No such column. Known: event_id" in admin_client.post(address, form).content.decode()
    assert admin_client.post(address, {**form, "columns-0-ours": "step"}).status_code == 302
    assert admin_client.get("/admin/intake/expectedfile/add/").status_code == 200


def test_rows_are_dropped_from_their_list(quality: Client) -> None:
    row = bad_row()
    picked = {"action": "drop", "_selected_action": row.pk}
    answer = quality.post("/admin/intake/feedrow/", picked)
    assert answer["Location"] == f"/files/rows/drop?pick={row.pk}"
