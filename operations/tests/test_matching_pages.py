"""The queue of unmatched files, and rules tried before they are saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from intake.models import MatchRule, RawFile
from intake.services import ManyOutcome, drain
from intake.tests.handing import again, loaded
from intake.tests.stdf_builder import sort_file
from lots.tests.making import wafer_lot
from operations.selectors import unmatched
from tests.kept_rows import load_kept

pytestmark = pytest.mark.django_db
QUEUE, TRIAL, SAVE = "/files/unmatched", "/files/rules/try", "/files/rules/save"
RULE = {
    "name": "sort",
    "priority": 100,
    "step_code": "CP1",
    "file_pattern": "^sort",
    "is_enabled": "on",
}


@pytest.fixture(autouse=True)
def material(db: None, files_folder: Path) -> None:
    load_kept("lots")


@pytest.fixture
def waiting() -> RawFile:
    wafer_lot("W1", step="CP1")
    return loaded(sort_file(lot="W1", part_type="TRN3-DIE", wafers=("1",)), "sort_a.stdf")


@pytest.fixture
def strange() -> RawFile:
    return loaded(sort_file(lot="w-1X", wafers=("1",)), "sort_b.stdf")


@pytest.fixture
def engineer(as_role: Callable[[str], Client]) -> Client:
    return as_role("Test engineer")


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_an_empty_queue_says_so(engineer: Client) -> None:
    assert "No test file waits for a match." in text_of(engineer, QUEUE)


def test_the_queue_shows_why_a_file_waits_and_what_it_may_mean(
    engineer: Client, waiting: RawFile
) -> None:
    wafer_lot("N3W010", step="CP1")
    loaded(sort_file(lot="N3W01O", wafers=("1",)), "typo.stdf")
    text = text_of(engineer, QUEUE)
    assert "The step of lot W1 cannot be told" in text
    assert '<a href="/lots/N3W010">N3W010</a>' in text


def test_the_queue_is_narrowed_and_paged(
    engineer: Client, waiting: RawFile, strange: RawFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "sort_a.stdf" not in text_of(engineer, f"{QUEUE}?q=sort_b")
    monkeypatch.setattr(unmatched, "ROWS_MAX", 1)
    assert f"after={waiting.pk}" in text_of(engineer, QUEUE)
    assert "sort_b.stdf" in text_of(engineer, f"{QUEUE}?after={waiting.pk}")


def test_picked_files_are_matched_at_once(
    engineer: Client, waiting: RawFile, strange: RawFile
) -> None:
    answers = {"pick": [waiting.pk, strange.pk], "lot": "W1", "step": "CP1", "go": "match"}
    assert engineer.post(QUEUE, answers).status_code == 302
    drain()
    assert {again(waiting).state, again(strange).state} == {"loaded"}


def test_a_wrong_step_keeps_the_ticks_and_says_which_there_are(
    engineer: Client, waiting: RawFile
) -> None:
    answers = {"pick": waiting.pk, "lot": "W1", "step": "NOWHERE", "go": "match"}
    response = engineer.post(QUEUE, answers)
    assert response.status_code == 400
    assert "Not on the route of W1" in response.content.decode()
    assert (
        f'value="{waiting.pk}" aria-label="Pick sort_a.stdf" checked' in response.content.decode()
    )


def test_nothing_ticked_is_told(engineer: Client, waiting: RawFile) -> None:
    response = engineer.post(QUEUE, {"go": "retry"})
    assert (response.status_code, "Tick one file" in response.content.decode()) == (400, True)


def test_an_operator_sees_the_queue_and_changes_nothing(
    as_role: Callable[[str], Client], waiting: RawFile
) -> None:
    operator = as_role("Operator")
    assert 'name="pick"' not in text_of(operator, QUEUE)
    assert operator.post(QUEUE, {"pick": waiting.pk, "go": "retry"}).status_code == 403


def test_settled_files_are_told_to_be_settled(engineer: Client, waiting: RawFile) -> None:
    RawFile.objects.update(state="rejected", settled_at=waiting.received_at)
    response = engineer.post(QUEUE, {"pick": waiting.pk, "go": "retry"}, follow=True)
    assert "wait no longer" in response.content.decode()


def test_a_file_that_cannot_be_matched_is_named(
    engineer: Client, waiting: RawFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = ManyOutcome(0, (("sort_a.stdf", "no"),))
    monkeypatch.setattr("operations.views.matching.retry_files", lambda **words: refused)
    response = engineer.post(QUEUE, {"pick": waiting.pk, "go": "retry"}, follow=True)
    assert "sort_a.stdf: no" in response.content.decode()


def test_a_rule_is_tried_then_saved_and_the_file_loaded_again(
    engineer: Client, waiting: RawFile
) -> None:
    tried = engineer.post(TRIAL, RULE).content.decode()
    assert "1 of 1 unmatched and recent files fit; 1 would go elsewhere" in tried
    assert "Save this rule" in tried
    assert not MatchRule.objects.exists()
    assert engineer.post(SAVE, RULE).status_code == 302
    engineer.post(QUEUE, {"pick": waiting.pk, "go": "retry"})
    drain()
    assert again(waiting).state == "loaded"


def test_a_saved_rule_is_opened_and_changed(engineer: Client, waiting: RawFile) -> None:
    rule = MatchRule.objects.create(name="sort", step_code="CP2", file_pattern="^sort")
    assert "step CP2" in text_of(engineer, TRIAL)
    engineer.post(f"{SAVE}?rule={rule.pk}", RULE)
    rule.refresh_from_db()
    assert rule.step_code == "CP1"


def test_a_pattern_that_is_none_is_refused(engineer: Client) -> None:
    response = engineer.post(TRIAL, RULE | {"file_pattern": "("})
    assert (response.status_code, "no regular expression" in response.content.decode()) == (
        400,
        True,
    )


@pytest.mark.parametrize("address", [TRIAL, SAVE])
def test_a_rule_that_says_nothing_is_refused(address: str, engineer: Client) -> None:
    assert engineer.post(address, RULE | {"file_pattern": ""}).status_code == 400
    assert not MatchRule.objects.exists()


def test_a_rule_that_is_not_there_is_not_found(engineer: Client) -> None:
    assert engineer.get(f"{TRIAL}?rule=999").status_code == 404


def test_who_may_not_save_may_still_try(as_role: Callable[[str], Client], waiting: RawFile) -> None:
    operator = as_role("Operator")
    assert "Save this rule" not in operator.post(TRIAL, RULE).content.decode()
    assert operator.post(SAVE, RULE).status_code == 403
