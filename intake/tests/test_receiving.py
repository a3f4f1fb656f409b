from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage, storages
from django.db import connection
from pytest_django.fixtures import Settings

from intake.domain.words import Door, FileState
from intake.models import Arrival, RawFile
from intake.services import receive_file
from intake.services.receiving import Receipt, safe_name
from intake.tests.handing import hand_in
from intake.tests.stdf_builder import sort_file
from supplychain.base.errors import TooLargeError
from supplychain.base.storing import Spooled, storage_path, store


def stored_bytes(path: str) -> bytes:
    with default_storage.open(path) as file:
        content: bytes = file.read()
    return content


@pytest.mark.django_db
def test_bytes_lie_in_storage_under_their_hash(files_folder: Path) -> None:
    file = hand_in(b"hello", "note.txt")
    assert file.storage_path == f"raw/{file.sha256[:2]}/{file.sha256[2:]}"
    assert stored_bytes(file.storage_path) == b"hello"
    assert (file.state, file.size, file.kind) == (FileState.RECEIVED, 5, "unknown")


@pytest.mark.django_db
def test_the_same_bytes_twice_are_one_file_with_two_arrivals(files_folder: Path) -> None:
    first, second = hand_in(b"hello", "a.txt"), hand_in(b"hello", "b.txt")
    assert first == second
    assert list(Arrival.objects.values_list("name", flat=True)) == ["a.txt", "b.txt"]


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_ten_times_at_once_are_one_file(files_folder: Path) -> None:
    content = sort_file(dies=200)

    def receive(number: int) -> Receipt:
        try:
            return receive_file(stream=io.BytesIO(content), name=f"{number}.stdf", door=Door.API)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        receipts = list(pool.map(receive, range(10)))
    assert sum(not receipt.is_duplicate for receipt in receipts) == 1
    assert RawFile.objects.count() == 1
    assert Arrival.objects.count() == 10
    assert stored_bytes(receipts[0].file.storage_path) == content
    folder = Path(default_storage.path(receipts[0].file.storage_path)).parent
    assert len(list(folder.iterdir())) == 1


@pytest.mark.django_db
def test_a_file_larger_than_allowed_is_refused_at_the_door(files_folder: Path) -> None:
    with pytest.raises(TooLargeError, match="larger than 4 bytes"):
        receive_file(stream=io.BytesIO(b"hello"), name="a", door=Door.API, bytes_max=4)
    assert not RawFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\a.stdf", "a.stdf"),
        ("a\nb\0.stdf", "ab.stdf"),
        ("", "unnamed"),
        ("///", "unnamed"),
    ],
)
def test_a_name_is_only_its_last_part(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("report.bin", sort_file(), "stdf"),
        ("report.stdf", b"hello", "stdf"),
        ("REPORT.STD.GZ", b"hello", "stdf"),
        ("x.zip", b"PK\x03\x04broken", "unknown"),
        ("osat1.wip.csv", b"hello", "wip"),
        ("export.csv", b"event_id,occurred_at,supplier,verb,lot\n", "wip"),
        ("x.asn.csv", b"", "asn"),
        ("x.csv", b"event_id,serial,position,part_serial\n", "assembly"),
        ("x.json", b'{"format": "burn-in-1"}', "burn-in"),
    ],
)
def test_the_kind_is_told_by_content_then_name(
    name: str, content: bytes, kind: str, files_folder: Path
) -> None:
    assert hand_in(content, name).kind == kind


@pytest.fixture
def object_store(settings: Settings) -> Storage:
    backend = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return storages["default"]


def test_an_object_store_gets_each_object_once(object_store: Storage) -> None:
    for _ in range(2):
        store(Spooled(io.BytesIO(b"abc"), "ab12", 3))
    assert stored_bytes(storage_path("ab12")) == b"abc"
    assert object_store.listdir("raw/ab")[1] == ["12"]


def test_a_lost_race_in_an_object_store_leaves_no_second_object(
    object_store: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    object_store.save(storage_path("ab12"), ContentFile(b"abc"))
    monkeypatch.setattr(object_store, "exists", lambda name: False)
    monkeypatch.setattr(
        object_store, "get_available_name", lambda name, max_length=None: f"{name}-x"
    )
    store(Spooled(io.BytesIO(b"abc"), "ab12", 3))
    assert object_store.listdir("raw/ab")[1] == ["12"]
