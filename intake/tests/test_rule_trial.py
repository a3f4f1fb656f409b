from __future__ import annotations

from io import BytesIO

import pytest
from django.contrib.auth.models import User

from intake.domain.words import Door, FileState
from intake.models import MatchRule, RawFile
from intake.services import drain, match_files, receive_file, retry_files, try_rule
from intake.tests.handing import again, loaded
from intake.tests.stdf_builder import sort_file
from lots.models import Lot, Step
from lots.tests.making import wafer_lot


@pytest.fixture
def w1(material: object) -> Lot:
    return wafer_lot("W1", step="CP1")


@pytest.fixture
def silent(w1: Lot) -> RawFile:
    """A file that does not name its step."""
    return loaded(sort_file(lot="W1", part_type="TRN3-DIE", wafers=("1",)), "sort_a.stdf")


def rule(name: str = "sort", step: str = "CP1", **words: object) -> MatchRule:
    return MatchRule(name=name, step_code=step, **{"file_pattern": "^sort", **words})


def test_a_rule_is_tried_without_being_saved(silent: RawFile) -> None:
    trial = try_rule(rule())
    (tried,) = trial.files
    assert (tried.file, tried.change, tried.then_step, tried.then_rule) == (
        silent, "matched", "CP1", "sort",
    )  # fmt: skip
    assert (trial.looked_at, trial.fitting_count, trial.changed_count) == (1, 1, 1)
    assert not MatchRule.objects.exists()
    assert again(silent).state == FileState.UNMATCHED


def test_a_rule_that_fits_nothing_shows_nothing(silent: RawFile) -> None:
    assert try_rule(rule(file_pattern="^final")).files == ()


def test_folder_mode_retest_sublot_and_temperature_are_clues(w1: Lot) -> None:
    content = sort_file(
        lot="W1", part_type="TRN3-DIE", wafers=("1",), temperature="-40 C", sublot="W1.A"
    )
    receive_file(stream=BytesIO(content), name="osat1/cold/x.stdf", door=Door.INBOX)
    drain()
    clues = {
        "file_pattern": "", "folder_pattern": "cold$", "mode_pattern": "P", "retest_pattern": "N",
        "sublot_pattern": "A$", "temperature_pattern": "^-40",
    }  # fmt: skip
    assert try_rule(rule(**clues)).files[0].change == "matched"
    assert try_rule(rule(**{**clues, "mode_pattern": "E"})).files == ()
    rule(**clues).save()
    retry_files(file_ids=[RawFile.objects.get().pk])
    drain()
    assert RawFile.objects.get().state == FileState.LOADED


def test_the_earlier_rule_wins_and_the_contradiction_is_shown(silent: RawFile) -> None:
    rule("first", "CP2", priority=10).save()
    (tried,) = try_rule(rule(priority=20)).files
    assert (tried.change, tried.now_rule, tried.then_rule) == ("same", "first", "first")
    assert tried.others == ("first",)


def test_a_rule_put_first_changes_the_step(silent: RawFile) -> None:
    rule("first", "CP2", priority=10).save()
    assert try_rule(rule(priority=5)).files[0].change == "changed"


def test_a_saved_rule_is_tried_in_its_own_place(silent: RawFile) -> None:
    saved = rule()
    saved.save()
    saved.is_enabled = False
    assert try_rule(saved).files[0].change == "lost"


def test_a_file_of_no_lot_of_ours_stays_as_it_is(material: object) -> None:
    loaded(sort_file(lot="STRANGE", wafers=("1",)), "sort_b.stdf")
    (tried,) = try_rule(rule()).files
    assert (tried.lot, tried.change, tried.is_fitting) == (None, "same", True)


def test_a_rule_for_a_step_off_the_route_decides_nothing(silent: RawFile) -> None:
    assert try_rule(rule(step="SOAK")).files[0].change == "same"


def test_files_are_tried_again_by_a_rule_without_being_sent_again(silent: RawFile) -> None:
    rule().save()
    assert retry_files(file_ids=[silent.pk]).done == 1
    drain()
    assert again(silent).state == FileState.LOADED


def test_several_files_are_matched_at_once_and_settled_ones_passed_over(silent: RawFile) -> None:
    other = loaded(sort_file(lot="NO-SUCH", wafers=("1",)), "sort_c.stdf")
    step = Step.objects.get(route_version=silent_version(silent), code="CP1")
    actor = User.objects.create_user("engineer")
    lot = Lot.objects.get(code="W1")
    ids = [silent.pk, other.pk]
    assert match_files(file_ids=ids, lot=lot, step=step, actor=actor).done == 2
    drain()
    assert {again(silent).state, again(other).state} == {FileState.LOADED}
    assert match_files(file_ids=ids, lot=lot, step=step, actor=actor).done == 0


def silent_version(file: RawFile) -> int:
    return Lot.objects.get(code=file.summary["header"]["lot"]).route_version_id


def test_what_cannot_be_matched_is_told_by_name(silent: RawFile) -> None:
    step = Step.objects.exclude(route_version=silent_version(silent)).earliest("pk")
    actor, lot = User.objects.create_user("engineer"), Lot.objects.get(code="W1")
    outcome = match_files(file_ids=[silent.pk], lot=lot, step=step, actor=actor)
    assert outcome.done == 0
    assert outcome.refused[0][0] == "sort_a.stdf"
