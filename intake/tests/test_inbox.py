from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import pytest
from kombu.exceptions import OperationalError
from pytest_django.fixtures import Settings

from intake.domain.errors import BoundError
from intake.domain.words import Door
from intake.models import Arrival, RawFile
from intake.services import Receipt, receive_file
from intake.services.inbox import Scan, Sight, scan_inbox
from intake.services.seen import only_scan, read_seen, write_seen
from intake.tasks import load_files, nudge, scan_drop_folder
from intake.tests.handing import start_row, wip

NOW = 1_800_000_000.0
YEAR = 365 * 86_400.0


def put(folder: Path, name: str, content: bytes = b"hello", age: float = 60) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (NOW - age, NOW - age))
    return path


def scan(folder: Path, seen: Mapping[str, Sight] | None = None) -> Scan:
    return scan_inbox(folder=folder, seen=seen or {}, now=NOW)


def scan_twice(folder: Path) -> Scan:
    return scan(folder, scan(folder).left)


@pytest.fixture
def inbox(db: None, files_folder: Path) -> Path:
    return files_folder / "inbox"


def test_a_whole_file_is_taken_and_removed(inbox: Path) -> None:
    path = put(inbox, "osat1/today/a.stdf")
    (receipt,) = scan_twice(inbox).taken
    assert receipt.file.name == "a.stdf"
    assert not path.exists()
    assert Arrival.objects.get().door == "inbox"


def test_a_file_seen_for_the_first_time_is_left(inbox: Path) -> None:
    put(inbox, "a.stdf")
    assert scan(inbox).taken == ()


def test_a_file_that_grew_since_the_last_scan_is_left(inbox: Path) -> None:
    path = put(inbox, "a.stdf")
    seen = scan(inbox).left
    put(inbox, "a.stdf", b"hello again")
    assert scan(inbox, seen).taken == ()
    assert path.exists()


def test_a_file_written_just_now_is_left(inbox: Path) -> None:
    put(inbox, "a.stdf", age=1)
    assert scan_twice(inbox).taken == ()


@pytest.mark.parametrize("name", [".hidden", "a.stdf.part", "A.TMP", ".git/a.stdf"])
def test_what_is_hidden_or_in_transfer_is_left(inbox: Path, name: str) -> None:
    put(inbox, name)
    assert scan_twice(inbox).taken == ()


def test_links_are_never_followed(inbox: Path, tmp_path: Path) -> None:
    (inbox / "a.stdf").symlink_to(put(tmp_path, "secret"))
    (inbox / "gone.stdf").symlink_to(tmp_path / "nowhere")
    assert scan_twice(inbox).taken == ()


def test_a_file_gone_meanwhile_is_no_fault(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.services.inbox._candidates", lambda folder: [folder / "gone"])
    assert scan(inbox) == Scan((), {})


def test_more_files_than_a_scan_takes_wait_for_the_next(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.services.inbox.FILES_MAX", 2)
    for number in range(3):
        put(inbox, f"{number}.stdf", str(number).encode())
    assert len(scan_twice(inbox).taken) == 2


def test_a_file_too_large_is_put_aside(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise BoundError("too large")

    monkeypatch.setattr("intake.services.inbox.receive_file", refuse)
    put(inbox, "a.stdf")
    assert scan_twice(inbox).taken == ()
    assert (inbox / ".refused" / "a.stdf").exists()


def test_a_file_that_cannot_be_read_is_left(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr("intake.services.inbox.receive_file", fail)
    path = put(inbox, "a.stdf")
    assert scan_twice(inbox).taken == ()
    assert path.exists()


def test_a_file_that_grew_while_it_was_taken_stays(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(inbox, "a.stdf")

    def take_and_append(*, stream: IO[bytes], name: str, door: Door) -> Receipt:
        receipt = receive_file(stream=stream, name=name, door=door)
        put(inbox, "a.stdf", b"hello again", age=0)
        return receipt

    monkeypatch.setattr("intake.services.inbox.receive_file", take_and_append)
    assert len(scan_twice(inbox).taken) == 1
    assert path.exists()


def test_what_a_scan_saw_is_kept_for_the_next(tmp_path: Path) -> None:
    write_seen(tmp_path, {"a": Sight(1, 2)})
    assert read_seen(tmp_path) == {"a": Sight(1, 2)}


@pytest.mark.parametrize("text", [None, "{", "[]", '{"a": 1}'])
def test_a_damaged_record_of_the_last_scan_is_none(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / ".seen").write_text(text)
    assert read_seen(tmp_path) == {}


def test_one_scan_at_a_time(tmp_path: Path) -> None:
    with only_scan(tmp_path) as first, only_scan(tmp_path) as second:
        assert (first, second) == (True, False)
    with only_scan(tmp_path) as third:
        assert third


def test_the_task_takes_what_the_scan_before_saw(inbox: Path) -> None:
    put(inbox, "a.stdf", age=YEAR)
    assert [scan_drop_folder(), scan_drop_folder()] == [0, 1]
    assert RawFile.objects.count() == 1


def test_the_task_leaves_a_folder_that_another_scans(inbox: Path) -> None:
    put(inbox, "a.stdf")
    scan_drop_folder()
    with only_scan(inbox):
        assert scan_drop_folder() == 0


def test_without_a_folder_there_is_nothing_to_take(settings: Settings, tmp_path: Path) -> None:
    settings.INBOX = tmp_path / "nowhere"
    assert scan_drop_folder() == 0


def test_the_loading_task_asks_quality_to_go_on(
    material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("intake.tasks.summarise.delay", lambda: asked.append("summarise"))
    put(material / "inbox", "a.wip.csv", wip(start_row()), age=YEAR)
    scan_drop_folder()
    scan_drop_folder()
    load_files()
    load_files()
    assert asked == ["summarise"]
    assert RawFile.objects.get().state == "loaded"


def test_a_task_out_of_time_asks_for_another(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("intake.tasks.drain", lambda report: True)
    monkeypatch.setattr("intake.tasks.load_files.delay", lambda: asked.append("load"))
    load_files.run()
    assert asked == ["load"]


def test_without_a_broker_files_wait_for_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError

    monkeypatch.setattr("intake.tasks.load_files.delay", fail)
    nudge()
