"""Archives of several files: taken apart, each member a file of its own."""

from __future__ import annotations

import io
import json
import time
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from intake.domain.errors import FileRefusedError
from intake.domain.words import Door, FileState
from intake.models import ArchiveMember, Arrival, RawFile
from intake.selectors import expectations
from intake.services import drain, preview_file, receive_file, retry_file
from intake.services.inbox import Sight, scan_inbox
from intake.tests.domain.test_archives import zipped
from intake.tests.handing import again, hand_in, loaded, start_row, wip
from intake.tests.stdf_builder import sort_file
from intake.tests.test_expected_files import expected
from lots.tests.making import wafer_lot
from testing.models import Run, UnitResult

pytestmark = pytest.mark.django_db

ONE = sort_file(lot="W1", flow="CP1", wafers=("1",), dies=5)
TWO = sort_file(lot="W1", flow="CP1", wafers=("2",), dies=7)
PACK = zipped(("one.stdf", ONE), ("two.stdf", TWO))


def members(archive: RawFile) -> list[tuple[str, str]]:
    """Name, and state or reason."""
    found = archive.members.select_related("file")
    return [(one.name, one.file.state if one.file else one.reason) for one in found]


def test_each_file_of_an_archive_is_loaded_as_its_own(material: Path) -> None:
    wafer_lot("W1", step="CP1")
    archive = loaded(PACK, "lot7.zip")
    assert (archive.kind, archive.state) == ("archive", FileState.LOADED)
    assert archive.message == "Files of the archive taken in: 2, of which 2 are new."
    assert members(archive) == [("one.stdf", "loaded"), ("two.stdf", "loaded")]
    assert (Run.objects.count(), UnitResult.objects.count()) == (2, 12)


def test_a_member_is_named_by_archive_and_member_and_keeps_both_as_clues(material: Path) -> None:
    receive_file(stream=io.BytesIO(PACK), name="night/lot7.zip", door=Door.INBOX)
    drain()
    file = RawFile.objects.get(name="lot7.zip/one.stdf")
    assert (file.own_name, file.folder) == ("one.stdf", "night/lot7.zip")
    assert Arrival.objects.get(file=file).door == Door.ARCHIVE


def test_bytes_that_were_here_before_are_no_second_file(material: Path) -> None:
    wafer_lot("W1", step="CP1")
    loaded(ONE, "one.stdf")
    archive = loaded(PACK, "lot7.zip")
    assert archive.message.endswith("taken in: 2, of which 1 are new.")
    assert (RawFile.objects.count(), Run.objects.count()) == (3, 2)
    assert RawFile.objects.get(name="one.stdf").arrivals.count() == 2


def test_an_archive_sent_twice_is_taken_apart_once(material: Path) -> None:
    archive = loaded(PACK, "lot7.zip")
    receipt = receive_file(stream=io.BytesIO(PACK), name="again.zip", door=Door.API)
    drain()
    assert receipt.is_duplicate
    assert again(archive).arrivals.count() == 2
    assert (ArchiveMember.objects.count(), RawFile.objects.count()) == (2, 3)


def test_the_same_bytes_twice_in_one_archive_are_one_file(material: Path) -> None:
    archive = loaded(zipped(("a.stdf", ONE), ("b.stdf", ONE)), "lot7.zip")
    assert len(set(archive.members.values_list("file", flat=True))) == 1
    assert RawFile.objects.count() == 2


def test_what_cannot_be_taken_is_told_and_the_rest_goes_on(material: Path) -> None:
    wafer_lot("W1", step="CP1")
    archive = loaded(zipped(("one.stdf", ONE), ("../two.stdf", TWO), ("in.zip", PACK)), "lot7.zip")
    assert archive.state == FileState.PARTIAL
    assert archive.message.endswith("Left out: 2.")
    (_, first), (_, path), (_, nested) = members(archive)
    assert first == "loaded"
    assert "path" in path
    assert nested == "It is an archive of several files itself. Send it by itself."


def test_a_damaged_member_is_left_out_with_its_reason(material: Path) -> None:
    packed = bytearray(zipped(("a", b"first"), ("b", b"second"), method=zipfile.ZIP_STORED))
    packed[packed.index(b"first")] ^= 0xFF
    archive = loaded(bytes(packed), "lot7.zip")
    assert [one.file is None for one in archive.members.all()] == [True, False]
    assert "broken in the archive" in archive.members.all()[0].reason


def test_an_archive_of_which_nothing_can_be_taken_is_rejected(material: Path) -> None:
    archive = loaded(zipped(("x/a", b"1"), ("x/b", b"2")), "lot7.zip")
    assert archive.state == FileState.REJECTED
    assert archive.message.endswith("Left out: 2.")
    assert archive.members.count() == 2


def test_an_archive_of_folders_is_rejected(material: Path) -> None:
    archive = loaded(zipped(("x/", b""), ("y/", b"")), "lot7.zip")
    assert (archive.state, archive.members.count()) == (FileState.REJECTED, 0)
    assert "folders only" in archive.message


def test_a_bomb_is_rejected_before_anything_of_it_is_stored(material: Path) -> None:
    archive = loaded(zipped(*((f"{at}", bytes(4 << 20)) for at in range(8))), "lot7.zip")
    assert archive.state == FileState.REJECTED
    assert "300 times its size" in archive.message
    assert RawFile.objects.count() == 1


def test_members_make_engineering_lots_where_the_archive_may(material: Path) -> None:
    archive = loaded(PACK, "lot7.zip", creates_lots=True)
    assert members(archive) == [("one.stdf", "loaded"), ("two.stdf", "loaded")]


def test_an_archive_sent_again_to_make_lots_has_its_waiting_members_tried(material: Path) -> None:
    archive = loaded(PACK, "lot7.zip")
    assert members(archive) == [("one.stdf", "unmatched"), ("two.stdf", "unmatched")]
    loaded(PACK, "lot7.zip", creates_lots=True)
    assert members(archive) == [("one.stdf", "loaded"), ("two.stdf", "loaded")]


def test_reports_in_an_archive_are_applied_too(material: Path) -> None:
    archive = loaded(zipped(("a.wip.csv", wip(start_row())), ("one.stdf", ONE)), "lot7.zip")
    assert members(archive) == [("a.wip.csv", "loaded"), ("one.stdf", "loaded")]


def test_a_zip_of_one_file_is_that_file(material: Path) -> None:
    wafer_lot("W1", step="CP1")
    file = loaded(zipped(("one.stdf", ONE)), "lot7.zip")
    assert (file.kind, file.state, file.members.count()) == ("stdf", FileState.LOADED, 0)


def test_the_drop_folder_takes_archives_apart(material: Path, tmp_path: Path) -> None:
    (tmp_path / "lot7.zip").write_bytes(PACK)
    status = (tmp_path / "lot7.zip").stat()
    seen = {"lot7.zip": Sight(status.st_size, status.st_mtime_ns)}
    scan = scan_inbox(folder=tmp_path, seen=seen, now=time.time() + 60)
    drain()
    assert members(scan.taken[0].file) == [("one.stdf", "unmatched"), ("two.stdf", "unmatched")]


def test_the_command_reports_the_archive_and_each_file_in_it(
    material: Path, tmp_path: Path
) -> None:
    (tmp_path / "lot7.zip").write_bytes(zipped(("one.stdf", ONE), ("x/two.stdf", TWO)))
    out = StringIO()
    call_command(
        "ingest", str(tmp_path / "lot7.zip"), "--create-lots", "--wait", "--json", stdout=out
    )
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(one["file"], one["state"], one["units"]) for one in told] == [
        ("lot7.zip", "partial", None),
        ("lot7.zip/one.stdf", "loaded", 5),
        ("lot7.zip/x/two.stdf", "rejected", None),
    ]


def test_an_archive_refused_before_such_were_taken_apart_may_be_tried_again(
    material: Path,
) -> None:
    archive = hand_in(PACK, "lot7.zip")
    RawFile.objects.filter(pk=archive.pk).update(kind="unknown", state=FileState.REJECTED)
    retry_file(file=archive)
    drain()
    assert (again(archive).kind, archive.members.count()) == ("archive", 2)


def test_an_archive_is_not_previewed(material: Path) -> None:
    with pytest.raises(FileRefusedError, match="one at a time"):
        preview_file(stream=io.BytesIO(PACK), name="lot7.zip")


def test_an_expected_file_may_come_in_an_archive(material: Path) -> None:
    row = expected(name_pattern="one.*")
    loaded(PACK, "lot7.zip")
    (found,) = expectations(timezone.now())
    assert (found.expected, found.arrived_name) == (row, "lot7.zip/one.stdf")
