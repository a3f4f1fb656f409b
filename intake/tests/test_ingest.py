from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from intake.models import RawFile
from intake.services import receive_file
from intake.tests.stdf_builder import final_test_file, sort_file
from lots.tests.making import wafer_lot

pytestmark = pytest.mark.django_db


def ingest(*words: object) -> list[str]:
    out = StringIO()
    call_command("ingest", *(str(word) for word in words), stdout=out)
    return out.getvalue().splitlines()


def reports(*words: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ingest(*words, "--json")]


@pytest.fixture
def sort(tmp_path: Path) -> Path:
    path = tmp_path / "sort.stdf"
    path.write_bytes(sort_file(lot="W1", flow="CP1", wafers=("1",)))
    return path


def test_every_figure_has_its_name(material: Path, sort: Path) -> None:
    wafer_lot("W1", step="CP1")
    (report,) = reports(sort, "--wait")
    assert list(report) == [
        "file", "sha256", "state", "lot", "insertions", "units", "first_pass_passed",
        "final_passed", "final_hard_bins", "records", "rejected_records", "message",
    ]  # fmt: skip
    assert (report["file"], report["state"], report["lot"]) == ("sort.stdf", "loaded", "W1")


def test_without_waiting_the_file_is_only_received(material: Path, sort: Path) -> None:
    (report,) = reports(sort)
    assert (report["state"], report["units"]) == ("received", None)


def test_a_file_that_waits_for_a_match_ends_the_waiting(material: Path, sort: Path) -> None:
    (report,) = reports(sort, "--wait")
    assert (report["state"], report["lot"]) == ("unmatched", "W1")


def test_the_same_file_again_is_a_duplicate(material: Path, sort: Path) -> None:
    reports(sort, "--create-lots", "--wait")
    (report,) = reports(sort, "--create-lots", "--wait")
    assert (report["state"], report["units"]) == ("duplicate", 4)
    assert report["message"].startswith("The same bytes came before.")


def test_a_waiting_file_asked_to_make_its_lot_is_no_duplicate(material: Path, sort: Path) -> None:
    reports(sort, "--wait")
    assert reports(sort, "--create-lots", "--wait")[0]["state"] == "loaded"


def test_a_folder_is_searched(material: Path, tmp_path: Path) -> None:
    folder = tmp_path / "drop" / "today"
    folder.mkdir(parents=True)
    for name in ("b", "a"):
        (folder / f"{name}.stdf").write_bytes(final_test_file((name, True)))
    assert [report["file"] for report in reports(tmp_path / "drop")] == ["a.stdf", "b.stdf"]


def test_people_get_a_sentence(material: Path, sort: Path) -> None:
    (line,) = ingest(sort, "--create-lots", "--wait")
    assert line == "sort.stdf: loaded. 4 results of 4 units were recorded."


def test_a_missing_path_hands_nothing_in(material: Path, sort: Path) -> None:
    with pytest.raises(CommandError, match="Nothing was handed in"):
        ingest(sort, "nowhere.stdf")
    assert not RawFile.objects.exists()


def test_a_file_refused_at_the_door_is_told_and_the_rest_goes_on(
    material: Path, sort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = tmp_path / "big.stdf"
    big.write_bytes(bytes(5000))
    small = partial(receive_file, bytes_max=4000)
    monkeypatch.setattr("intake.management.commands.ingest.receive_file", small)
    out = StringIO()
    with pytest.raises(CommandError, match="refused at the door"):
        call_command("ingest", str(big), str(sort), "--json", stdout=out)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["state"], "larger than" in first["message"]) == ("rejected", True)
    assert second["state"] == "received"


def test_a_file_that_cannot_be_read_is_told(
    material: Path, sort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(CommandError, match="refused at the door"):
        ingest(sort)


def test_waiting_goes_on_while_another_worker_has_the_file(
    material: Path, sort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed: Iterator[bool] = iter([True, False])
    monkeypatch.setattr("intake.management.commands.ingest.is_owed", lambda ids: next(owed))
    assert reports(sort, "--wait")[0]["state"] == "unmatched"


def test_waiting_has_an_end(material: Path, sort: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.management.commands.ingest.WAIT_SECONDS_MAX", 0)
    with pytest.raises(CommandError, match="after an hour"):
        ingest(sort, "--wait")
