from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from intake.domain.words import FileState
from intake.models import RawFile
from intake.services import drain, match_file
from intake.tests.handing import again, loaded
from lots.models import Lot, Step
from lots.tests.making import chip_lot
from testing.domain.words import Outcome
from testing.models import ReadingSummary, UnitResult

SAMPLES = Path(__file__).parent / "results_files"


@pytest.fixture
def m1(material: Path) -> Lot:
    lot = chip_lot("M1", chips=4)
    step = lot.route_version.steps.order_by("sequence").first()
    assert step is not None
    return lot


def content(name: str, lot: Lot) -> bytes:
    """The sample, at the first step of the lot's route."""
    raw = (SAMPLES / name).read_bytes()
    return raw.replace(b'TEST"', step(lot).code.encode() + b'"').replace(
        b"M1,TEST,", f"M1,{step(lot).code},".encode()
    )


def step(lot: Lot) -> Step:
    return lot.route_version.steps.order_by("sequence")[0]


@pytest.mark.parametrize(
    ("name", "kind", "insertions"),
    [
        ("slt.results.json", "results", 4),
        ("slt.results.csv", "results-csv", 4),
        ("board.wsjf.json", "wats", 1),
        ("rack.openhtf.json", "openhtf", 1),
    ],
)
def test_results_load_into_the_rows_of_every_test_file(
    m1: Lot, name: str, kind: str, insertions: int
) -> None:
    file = loaded(content(name, m1), "export.dat")
    assert (file.kind, file.lot, file.step) == (kind, m1, step(m1)), file.message
    assert file.run is not None
    assert (
        UnitResult.objects.filter(run=file.run, unit__serial__startswith="M1-C").count()
        == insertions
    )
    assert ReadingSummary.objects.filter(run=file.run).exists()


def test_a_retest_decides_and_what_is_left_out_is_listed(m1: Lot) -> None:
    file = loaded(content("slt.results.json", m1), "a.json")
    finals = UnitResult.objects.filter(run=file.run, is_final=True).order_by("part_id")
    assert [(one.part_id, one.outcome) for one in finals] == [
        ("M1-C0", Outcome.PASS), ("M1-C1", Outcome.PASS), ("M1-C2", Outcome.TIMEOUT),
    ]  # fmt: skip
    assert file.state == FileState.PARTIAL
    assert [one.position for one in file.rejected_records.all()] == [5, 6]
    assert "Attachments stay in the file: M1-C0-console.log." in file.summary["notes"]


def test_a_packed_file_is_read_and_the_same_units_retested(m1: Lot) -> None:
    loaded(content("board.wsjf.json", m1), "a.json")
    file = loaded(gzip.compress(content("rack.openhtf.json", m1)), "b.json.gz")
    results = UnitResult.objects.filter(lot_step__lot=m1, unit__serial="M1-C0")
    assert file.state == FileState.LOADED
    assert set(results.values_list("attempt", flat=True)) == {1, 2}


def test_units_of_two_lots_wait_for_a_person(m1: Lot) -> None:
    chip_lot("M2", chips=1)
    report = json.loads(content("board.wsjf.json", m1))
    file = loaded(json.dumps([report, report | {"sn": "M2-C0"}]).encode(), "two.json")
    assert (file.state, "of several: M1, M2" in file.message) == (FileState.UNMATCHED, True)


def test_units_of_no_lot_wait_and_a_person_may_match_them(m1: Lot) -> None:
    report = json.loads(content("board.wsjf.json", m1)) | {"sn": "STRANGE"}
    file = loaded(json.dumps(report).encode(), "a.json")
    assert file.state == FileState.UNMATCHED
    match_file(file=file, lot=m1, step=step(m1), actor=User.objects.create_user("engineer"))
    drain()
    assert again(file).state == FileState.LOADED


def test_a_file_without_any_unit_is_rejected_with_the_reason(m1: Lot) -> None:
    words = json.loads(content("slt.results.json", m1)) | {"units": [{"serial": ""}]}
    file: RawFile = loaded(json.dumps(words).encode(), "a.json")
    assert file.state == FileState.REJECTED
    assert "units[1].serial" in file.message


def test_broken_json_is_rejected_with_its_place(m1: Lot) -> None:
    file = loaded(content("slt.results.json", m1)[:300], "a.results.json")
    assert (file.state, "line " in file.message) == (FileState.REJECTED, True)
