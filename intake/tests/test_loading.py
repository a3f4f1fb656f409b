from __future__ import annotations

import bz2
import gzip
import lzma
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from intake.domain.errors import WaitingError
from intake.domain.words import AttemptOutcome, FileState
from intake.models import LoadAttempt, MatchRule, RawFile
from intake.selectors import file_report, listed_files
from intake.services import (
    drain,
    let_file_create_lots,
    load_file,
    match_file,
    retry_file,
)
from intake.services.loading import is_still_unmatched
from intake.services.matching_by_hand import NotOwedError
from intake.services.states import TakenError
from intake.tests.handing import again, hand_in, loaded, wip, wip_row
from intake.tests.stdf_builder import Writer, final_test_file, sort_file
from lots.models import Lot, Step
from lots.tests.making import chip_lot, wafer_lot
from supplychain.base.errors import MalformedError
from testing.models import Run, UnitResult

W = Writer()
SORT = sort_file(lot="W1", flow="CP1", wafers=("W1-01", "2"), part_type="TRN3-DIE")


@pytest.fixture
def w1(material: Path) -> Lot:
    return wafer_lot("W1", step="CP1")


@pytest.fixture
def engineer(db: None) -> User:
    return User.objects.create_user("engineer")


def step(route: str, code: str) -> Step:
    return Step.objects.get(route_version__route__code=route, code=code)


# --- test files that match


def test_a_file_of_a_known_lot_and_step_is_recorded(w1: Lot) -> None:
    file = loaded(SORT)
    assert (file.state, file.lot, file.step) == (FileState.LOADED, w1, step("A", "CP1"))
    assert file.run is not None
    assert (file.run.insertion_count, file.run.first_pass_count) == (8, 6)
    assert file.run.lot_step.lot == w1
    assert set(UnitResult.objects.values_list("wafer__code", flat=True)) == {"W1-01", "W1-02"}
    assert file.message == "8 results of 8 units were recorded."


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_files_are_read_as_plain_ones(w1: Lot, pack: Any) -> None:
    assert loaded(pack(SORT), "a.stdf.x").state == FileState.LOADED


def test_a_report_gives_the_figures_of_the_run(w1: Lot) -> None:
    report = file_report(loaded(SORT))
    assert (report.units, report.first_pass_passed, report.final_passed) == (8, 6, 6)
    assert report.final_hard_bins == {"1": 6, "2": 2}
    assert report.records["PRR"] == 8


def test_a_rule_tells_the_step_when_the_file_does_not(w1: Lot) -> None:
    MatchRule.objects.create(name="sort cell", tester_pattern="^T1$", step_code="CP2")
    assert loaded(sort_file(lot="W1", wafers=("1",))).step == step("A", "CP2")


def test_a_disabled_rule_tells_nothing(w1: Lot) -> None:
    MatchRule.objects.create(
        name="sort cell", tester_pattern="T1", step_code="CP2", is_enabled=False
    )
    assert loaded(sort_file(lot="W1", wafers=("1",))).state == FileState.UNMATCHED


# --- test files that wait


def test_a_file_of_an_unknown_lot_waits_and_goes_on_when_the_lot_comes(material: Path) -> None:
    file = loaded(SORT)
    assert file.state == FileState.UNMATCHED
    assert "There is no lot W1." in file.message
    assert file.summary["header"]["lot"] == "W1"
    wafer_lot("W1", step="CP1")
    drain()
    assert again(file).state == FileState.LOADED


def test_a_waiting_file_is_not_tried_while_nothing_changes(material: Path) -> None:
    file = loaded(SORT)
    drain()
    drain()
    assert file.attempts.count() == 1


def test_a_waiting_file_is_looked_at_again_without_an_attempt(material: Path) -> None:
    file = loaded(SORT)
    past = timezone.now() - timedelta(seconds=1)
    RawFile.objects.update(due_at=past)
    wafer_lot("W2", step="CP1")
    drain()
    assert again(file).due_at > past
    assert file.attempts.count() == 1


def test_a_file_waiting_for_its_wafers_goes_on_when_they_come(material: Path) -> None:
    early = loaded(sort_file(lot="X9", wafers=("1",)), creates_lots=True)
    file = loaded(sort_file(lot="X9", wafers=("2",)))
    assert (early.state, file.state) == (FileState.LOADED, FileState.UNMATCHED)
    wafer_lot("W2", step="CP1")
    drain()
    assert file.attempts.count() == 1
    loaded(sort_file(lot="X9", wafers=("2",), job="J2"), creates_lots=True)
    assert again(file).state == FileState.LOADED


def test_a_file_another_has_is_not_looked_at(material: Path) -> None:
    assert not is_still_unmatched(file_id=loaded(b"hello").pk)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"lot": ""}, "names no lot"),
        ({"lot": "W1"}, "step of lot W1 cannot be told"),
        ({"lot": "W1", "flow": "CP1", "wafers": ("7",)}, "Lot W1 has no wafer 7."),
        ({"lot": "W1", "flow": "CP1", "wafers": ("",)}, "no wafer without a name"),
        ({"lot": "W1", "flow": "CP1", "part_type": "TRN2"}, "about TRN2, but lot W1 holds"),
    ],
)
def test_what_cannot_be_told_waits_with_its_reason(
    w1: Lot, words: dict[str, Any], reason: str
) -> None:
    file = loaded(sort_file(**words))
    assert file.state == FileState.UNMATCHED
    assert reason in file.message
    assert not Run.objects.exists()


def test_a_person_says_where_a_file_belongs(w1: Lot, engineer: User) -> None:
    file = loaded(sort_file(lot="TYPO", wafers=("1", "2"), part_type="TRN2"))
    match_file(file=file, lot=w1, step=step("A", "CP2"), actor=engineer)
    drain()
    file = again(file)
    assert (file.state, file.step, file.matched_by) == (
        FileState.LOADED, step("A", "CP2"), engineer,
    )  # fmt: skip


def test_a_match_to_a_step_of_another_route_is_refused(w1: Lot, engineer: User) -> None:
    file = loaded(sort_file(lot="TYPO"))
    with pytest.raises(MalformedError, match="not on"):
        match_file(file=file, lot=w1, step=step("B", "IST"), actor=engineer)


def test_a_loaded_file_is_not_matched_again(w1: Lot, engineer: User) -> None:
    with pytest.raises(NotOwedError):
        match_file(file=loaded(SORT), lot=w1, step=step("A", "CP2"), actor=engineer)


# --- files that are damaged or strange


@pytest.mark.parametrize("size", range(150, 421, 30))
def test_a_truncated_file_keeps_whole_records_and_is_partial(w1: Lot, size: int) -> None:
    file = loaded(SORT[:-size])
    assert file.state == FileState.PARTIAL
    assert file.run is not None
    assert file.run.is_partial
    assert 0 < file.run.insertion_count < 8


def test_a_truncated_gzip_keeps_what_came(w1: Lot) -> None:
    content = sort_file(lot="W1", flow="CP1", wafers=("1",), dies=400)
    packed = gzip.compress(content, 1)
    file = loaded(packed[: len(packed) * 2 // 3], "a.stdf.gz")
    assert file.state == FileState.PARTIAL
    assert file.run is not None
    assert file.run.insertion_count < 400
    assert "gzip archive" in file.summary["notes"][0]


def test_rejected_records_are_kept_with_their_place(w1: Lot) -> None:
    content = SORT.replace(W.mrr(), W.record(5, 20, b"\x01") + W.mrr())
    file = loaded(content)
    assert file.state == FileState.PARTIAL
    (rejected,) = file.rejected_records.all()
    assert (rejected.kind, rejected.position) == ("PRR", content.index(b"\x01\x00\x05\x14\x01"))
    assert file.run is not None
    assert not file.run.is_partial


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.stdf", "empty"),
        (gzip.compress(b"", mtime=0), "a.bin", "archive is empty"),
        (b"lot,yield\nA,3\n", "a.stdf", "neither STDF"),
        (b"hello", "a.txt", "no kind known here"),
        (gzip.compress(bytes(64 << 20)), "a.stdf.gz", "neither STDF"),
        (gzip.compress(W.far() + W.mir() + W.ptr() + bytes(64 << 20)), "a.stdf.gz", "times its"),
        (W.file(), "a.stdf", "no result of any part."),
        ((W.far() + W.mir() + W.pir()), "a.stdf", "cut before the first"),
        (W.far() + W.mrr(), "a.stdf", "MIR"),
        (b"PK\x03\x04rest", "a.zip", "directory"),
    ],
)
def test_what_cannot_be_loaded_is_rejected_with_a_reason(
    material: Path, content: bytes, name: str, reason: str
) -> None:
    wafer_lot("L1", step="CP1")
    MatchRule.objects.create(name="all", tester_pattern=".", step_code="CP1")
    file = loaded(content, name)
    assert file.state == FileState.REJECTED
    assert reason in file.message


def test_one_bad_file_does_not_stop_the_queue(w1: Lot) -> None:
    bad = hand_in(b"hello", "bad.stdf")
    good = hand_in(SORT)
    drain()
    assert (again(bad).state, again(good).state) == (FileState.REJECTED, FileState.LOADED)


# --- attempts


def shown_state(file: RawFile) -> str:
    found: Any = listed_files().get(pk=file.pk)
    return str(found.shown_state)


def test_an_attempt_is_seen_while_it_runs(w1: Lot, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def look(file: RawFile) -> None:
        seen.append(shown_state(file))
        raise WaitingError("not yet")

    monkeypatch.setattr("intake.services.loading.check_match", look)
    file = loaded(SORT)
    assert seen[0] == "loading"
    assert file.state == FileState.WAITING
    assert shown_state(file) == FileState.WAITING


def lose_attempts(file: RawFile, count: int) -> None:
    now = timezone.now()
    LoadAttempt.objects.bulk_create(
        LoadAttempt(file=file, worker="w", outcome=AttemptOutcome.LOST, finished_at=now)
        for _ in range(count)
    )


def test_an_attempt_left_open_is_lost_and_the_file_tried_again(w1: Lot) -> None:
    file = hand_in(SORT)
    LoadAttempt.objects.create(file=file, worker="gone")
    drain()
    assert [attempt.outcome for attempt in file.attempts.all()] == ["lost", "done"]
    assert again(file).state == FileState.LOADED


def test_after_five_lost_attempts_a_person_must_look(w1: Lot) -> None:
    file = hand_in(SORT)
    lose_attempts(file, 5)
    drain()
    assert again(file).state == FileState.REJECTED
    assert "broke off 5 times" in again(file).message


def test_a_file_given_up_can_be_tried_again(w1: Lot) -> None:
    file = hand_in(SORT)
    lose_attempts(file, 5)
    drain()
    retry_file(file=again(file))
    drain()
    assert again(file).state == FileState.LOADED


def test_a_rejected_file_is_not_tried_again(material: Path) -> None:
    with pytest.raises(NotOwedError):
        retry_file(file=loaded(b"hello"))


def test_a_waiting_file_is_tried_at_once_when_asked(material: Path) -> None:
    file = loaded(SORT)
    retry_file(file=file)
    drain()
    assert file.attempts.count() == 2


def test_a_fault_of_ours_is_tried_again_later(w1: Lot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("boom")

    with monkeypatch.context() as patch:
        patch.setattr("intake.services.loading.record_stdf", fail)
        file = loaded(SORT)
    assert (file.state, file.attempts.get().outcome) == (FileState.RECEIVED, "failed")
    assert file.due_at > timezone.now()
    assert "boom" in file.attempts.get().message
    RawFile.objects.update(due_at=timezone.now())
    drain()
    assert again(file).state == FileState.LOADED


def test_without_database_the_attempt_stays_open(w1: Lot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("intake.services.loading.check_match", fail)
    file = hand_in(SORT)
    with pytest.raises(OperationalError):
        load_file(file_id=file.pk)
    assert file.attempts.get().outcome == AttemptOutcome.RUNNING


def test_a_report_whose_rows_are_read_is_not_read_again(material: Path) -> None:
    file = loaded(wip(wip_row("move", "NEVER-CAME", step="BUMP")), "report.wip.csv")
    assert (file.state, file.rows.count()) == (FileState.WAITING, 1)
    assert not load_file(file_id=file.pk)
    assert (again(file).state, file.rows.count(), file.attempts.count()) == ("waiting", 1, 1)


def test_a_settled_file_is_nobodys_to_load(w1: Lot) -> None:
    assert not load_file(file_id=loaded(SORT).pk)


def test_a_final_test_finds_its_units(material: Path) -> None:
    lot = chip_lot("M1", chips=2)
    content = final_test_file(("M1-C0", True), ("M1-C1", False), lot="M1", flow="IST")
    file = loaded(content)
    assert file.state == FileState.LOADED
    assert UnitResult.objects.filter(unit__lot=lot).count() == 2


def test_an_attempt_that_finds_the_file_taken_leaves_no_trace(
    w1: Lot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(_: int) -> None:
        raise TakenError

    monkeypatch.setattr("intake.services.loading.claimed", taken)
    file = hand_in(SORT)
    assert not load_file(file_id=file.pk)
    assert not file.attempts.exists()


def test_a_hand_matched_file_that_may_make_a_lot_makes_none(w1: Lot, engineer: User) -> None:
    file = loaded(sort_file(lot="TYPO", wafers=("1",)))
    match_file(file=file, lot=w1, step=step("A", "CP2"), actor=engineer)
    let_file_create_lots(file=file)
    drain()
    assert again(file).lot == w1
    assert Lot.objects.count() == 1
