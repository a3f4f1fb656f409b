"""What a folder of recorded lots and its truth may have wrong, and what is said of it."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from intake.tests.result_samples import SAMPLES
from operations.management.commands.simulate_lots import T0
from operations.management.evaluation import files
from operations.management.evaluation.recorded import lots_of, step_of, without_copies
from operations.management.evaluation.truth import read_truth
from operations.tests.recorded import (
    HEAD,
    SEED,
    judged,
    lots_in,
    ordinary,
    read,
    truth,
    written,
)
from simulator.chance import stream
from simulator.lot_files import TESTERS, touches_of
from simulator.sessions import Setup, write_session
from simulator.streams import BIN_ZERO, BY_STEP, Tested, lot_at
from supplychain.base.errors import MalformedError


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three lots of packages."""
    return written(tmp_path_factory.mktemp("line"), ordinary(3))


def session(lot: Tested, chosen: np.ndarray, hours: float = 0) -> bytes:
    tester = TESTERS[str(lot.tester[chosen[0]])]
    setup = Setup(lot.code, "", BY_STEP[lot.step], tester, "", T0 + timedelta(hours=hours))
    rng = stream(SEED, "fault", lot.code)
    return write_session(setup, touches_of(lot, chosen), rng).data


@pytest.mark.parametrize(
    ("head", "rows", "says"),
    [
        ("event,kind,lot", [], "truth.csv has no column step. Its first line names the columns"),
        (HEAD, ["A,flood,,FT-HOT,L00001,"], "line 2: 'flood' is no kind. Known: level, drop"),
        (HEAD, ["A,drop,,FT-HOT,,"], "line 2: lot is empty"),
        (HEAD, ["A,site,,FT-HOT,L00001,"], "line 2: where is empty; name the site at fault"),
        (HEAD, ["A,drop,,FT-HOT,L00001,"] * 2, "line 3: lot L00001 is in event A twice"),
        (
            HEAD,
            ["A,drop,,FT-HOT,L00001,", "A,bin,,FT-HOT,L00002,"],
            "line 3: event A has another kind than in its first row. Write the same",
        ),
        (HEAD, ['A,drop,"x'], "truth.csv is no CSV file in UTF-8"),
        (
            HEAD,
            ["A,drop,,FT-HOT,L00099,"],
            "Event A names lot L00099, of which there is no file. Write lots as the files do",
        ),
        (
            HEAD,
            ["A,drop,,CP1,L00001,"],
            "Event A: lot L00001 has no results at CP1, only at FT-HOT. Write the step",
        ),
        (
            HEAD,
            ["A,tester,,FT-HOT,L00001,F99"],
            "Event A: none of its lots was on tester F99 at FT-HOT. They were on: F",
        ),
        (
            HEAD,
            ["A,oven,,FT-HOT,L00001,OV-1"],
            "none of its lots was on oven OV-1 at FT-HOT. They were on: none that a file names",
        ),
    ],
)
def test_a_truth_that_cannot_be_is_refused_with_what_to_do(
    tmp_path: Path, line: Path, head: str, rows: list[str], says: str
) -> None:
    with pytest.raises(CommandError) as refused:
        judged(line, truth(tmp_path, *rows, head=head))
    assert says in str(refused.value)


def test_a_truth_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_bytes(f"{HEAD}\nA,drop,M\xe9lange,FT,L,".encode("latin-1"))
    with pytest.raises(MalformedError, match="is no CSV file in UTF-8"):
        read_truth(path)


def test_a_truth_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = truth(tmp_path, " A , drop ,, FT-HOT , L1 ,,", head=f"\ufeff{HEAD},remark")
    (event,) = read_truth(path)
    assert (event.id, event.kind, event.name) == ("A", "drop", "drop")
    assert (event.step, event.lots) == ("FT-HOT", frozenset({"L1"}))


def test_a_truth_longer_than_allowed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.management.evaluation.truth.ROWS_MAX", 1)
    with pytest.raises(MalformedError, match="more than 1 rows"):
        read_truth(truth(tmp_path, "A,drop,,FT,L1,", "A,drop,,FT,L2,"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--folder=there", "--truth=no.csv"], "There is no folder there. Name the one that holds"),
        (["--folder=.", "--truth=no.csv"], "The truth no.csv cannot be read: No such file"),
        (["--folder=."], "--folder and --truth go together"),
        (["--truth=no.csv"], "--folder and --truth go together"),
        (["--folder=.", "--truth=no.csv", "--seeds=1"], "Either --seeds or --folder"),
    ],
)
def test_a_command_that_cannot_be_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    (tmp_path / "some.txt").write_text("something")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError) as refused:
        call_command("evaluate_detectors", *words)
    assert says in str(refused.value)


def test_a_folder_without_files_or_results_is_refused(tmp_path: Path) -> None:
    path = truth(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match="There is no file in"):
        judged(tmp_path / "empty", path)
    with pytest.raises(CommandError, match=r"holds results of a lot\. Put the test files"):
        judged(tmp_path, path)


def test_files_that_cannot_be_read_are_named_and_may_be_skipped(tmp_path: Path) -> None:
    folder = written(tmp_path / "files", ordinary(2))
    (folder / "bad.stdf").write_bytes(b"something else")
    (folder / "empty.stdf").write_bytes(b"")
    (folder / "bad.burnin.json").write_text('{"format": "burn-in-1", "lot": "L"}')
    (folder / "units.burnin.json").write_text(
        '{"format": "burn-in-1", "lot": "L", "oven": "O", "units": [1]}'
    )
    path = truth(tmp_path)
    with pytest.raises(CommandError) as refused:
        judged(folder, path)
    assert "Files that cannot be read: 4. Replace or remove them" in str(refused.value)
    assert "bad.stdf: The file does not begin with a FAR record" in str(refused.value)
    found = judged(folder, path, "--skip-unreadable")
    assert set(found["files"]["left_out"]) == {
        "bad.burnin.json", "bad.stdf", "empty.stdf", "units.burnin.json",
    }  # fmt: skip
    assert found["ordinary"]["lots"] == 2


def test_a_file_that_names_no_lot_is_left_out_and_told(tmp_path: Path) -> None:
    (lot,) = ordinary(1)
    folder = written(tmp_path / "files", [lot])
    nameless = session(replace(lot, code=""), np.arange(10))
    (folder / "nameless.stdf").write_bytes(nameless)
    found = judged(folder, truth(tmp_path))
    assert found["files"]["left_out"] == {"nameless.stdf": "The file names no lot (LOT_ID)."}
    assert found["files"]["lots"] == 1


def test_more_files_or_results_than_allowed_are_refused(
    line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = truth(tmp_path)
    monkeypatch.setattr(files, "INSERTIONS_MAX", 10)
    with pytest.raises(CommandError, match="more than 10 results"):
        judged(line, path)
    monkeypatch.setattr(files, "FILES_MAX", 2)
    with pytest.raises(CommandError, match="more than 2 files"):
        judged(line, path)


def test_a_retest_in_a_later_file_decides_whatever_its_name(tmp_path: Path) -> None:
    (lot,) = ordinary(1)
    failed = np.flatnonzero((lot.first_bin > 0) & (lot.tester == lot.tester[0]))
    none = np.zeros(len(lot.first_bin), int)
    again = replace(lot, first_bin=none, final_bin=none, is_retested=none.astype(bool))
    folder = written(tmp_path, [lot])
    (folder / "AAA.stdf").write_bytes(session(again, failed, hours=6))
    (read_lot,) = lots_in(folder)
    assert read_lot.first_bin.tolist() == lot.first_bin.tolist()
    assert read_lot.is_retested[failed].all()
    assert (read_lot.final_bin[failed] == 0).all()


def test_a_repeated_or_cut_copy_of_a_session_counts_once(tmp_path: Path) -> None:
    (lot,) = ordinary(1)
    folder = written(tmp_path, [lot])
    first = min(folder.glob("*.stdf.gz"))
    (folder / "below").mkdir()
    shutil.copy(first, folder / "below" / first.name)
    (folder / "cut.stdf").write_bytes(gzip.decompress(first.read_bytes())[:-4000])
    found = read(folder)
    assert (len(found.runs), found.copy_count) == (3, 1)
    assert len(without_copies(found.runs)) == 2
    (read_lot,) = lots_in(folder)
    assert read_lot.first_bin.tolist() == lot.first_bin.tolist()


def test_each_unit_is_of_the_oven_it_was_in_last_before_its_test(tmp_path: Path) -> None:
    lot = lot_at(SEED, 0, "FT-COLD")
    folder = written(tmp_path, [lot])
    later = (folder / f"{lot.code}_FT-COLD_{lot.oven[0]}.burnin.json").read_text()
    (folder / "later.burnin.json").write_text(
        later.replace(str(lot.oven[0]), "OV-9").replace("2025-12-31", "2026-02-01")
    )
    assert lots_in(folder)[0].oven.tolist() == lot.oven.tolist()


def test_results_of_system_tests_are_read_too(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "slt.results.json", tmp_path)
    (lot,) = lots_in(tmp_path)
    assert len(lot.first_bin) > 0
    assert (lot.places, lot.wafer_count) == ((), 0)


def test_a_fail_in_bin_zero_is_no_pass(tmp_path: Path) -> None:
    (lot,) = ordinary(1)
    whole = session(lot, np.arange(40))
    (tmp_path / "a.stdf").write_bytes(whole)
    found = read(tmp_path)
    found.runs[0].parts.hard_bin[:] = 0
    (run,) = found.runs
    (zero,) = lots_of([run], found.stays, (), lambda _: None)
    expected = np.where(lot.final_bin[:40] == 0, 0, BIN_ZERO)
    assert zero.final_bin.tolist() == expected.tolist()


def test_a_step_of_the_truth_is_looked_for_before_other_words(line: Path) -> None:
    found = read(line)
    header = replace(found.runs[0].header, test_code="R7", flow_id="HOT", job_name="P9")
    steps = [
        step_of(replace(found.runs[0], header=one), known)
        for one, known in [
            (header, ("HOT",)),
            (header, ()),
            (replace(header, test_code=""), ()),
            (replace(header, test_code="", flow_id=""), ()),
        ]
    ]
    assert steps == ["HOT", "R7", "HOT", "P9"]
