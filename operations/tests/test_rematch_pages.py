"""The pages on which a run is matched anew or taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from intake.models import RawFile
from intake.tests.handing import loaded
from intake.tests.stdf_builder import sort_file
from lots.tests.making import wafer_lot
from testing.models import Run
from tests.kept_rows import load_kept

pytestmark = pytest.mark.django_db
WHY = "operator typed W1"


@pytest.fixture(autouse=True)
def material(db: None, files_folder: Path) -> None:
    load_kept("lots")


@pytest.fixture
def run() -> Run:
    wafer_lot("W1", step="CP1")
    wafer_lot("W2", step="CP1")
    file = loaded(
        sort_file(lot="W1", flow="CP1", wafers=("1",), part_type="TRN3-DIE"), "stray.stdf"
    )
    assert file.run is not None
    return file.run


@pytest.fixture
def engineer(as_role: Callable[[str], Client]) -> Client:
    return as_role("Test engineer")


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def answers(**words: str) -> dict[str, str]:
    return {"op_key": "one", "lot": "W2", "step": "CP1", "reason": WHY, **words}


def test_what_would_change_is_seen_before_it_is_done(engineer: Client, run: Run) -> None:
    address = f"/runs/{run.key}/match-anew"
    assert f'href="{address}"' in text_of(engineer, f"/runs/{run.key}")
    text = engineer.post(address, answers(go="try")).content.decode()
    shown = re.sub(r"<[^>]*>|\s+", " ", text)
    assert re.search(r"W1 +CP1 +4 → +0 ", shown)
    assert re.search(r"W2 +CP1 +0 → +4 ", shown)
    assert Run.objects.get() == run
    for _ in range(2):
        answer = engineer.post(address, answers(go="do"))
        assert answer["Location"] == f"/runs/{run.key}-2"
    assert Run.objects.count() == 2


def test_both_runs_lead_to_each_other(engineer: Client, run: Run) -> None:
    engineer.post(f"/runs/{run.key}/match-anew", answers(go="do"))
    old = text_of(engineer, f"/runs/{run.key}")
    assert WHY in old
    assert f'href="/runs/{run.key}-2"' in old
    assert f'href="/runs/{run.key}/match-anew"' not in old
    assert f'href="/runs/{run.key}"' in text_of(engineer, f"/runs/{run.key}-2")
    assert WHY in text_of(engineer, "/restatements?lot=W2")


def test_the_lot_it_left_expects_its_results_again(engineer: Client, run: Run) -> None:
    engineer.post(f"/runs/{run.key}/match-anew", answers(go="do"))
    assert "Taken back" in text_of(engineer, "/lots/W1")


def test_a_wafer_of_the_file_is_named_anew(engineer: Client, run: Run) -> None:
    said = answers(lot="W1", wafer_0="W1-03", go="do")
    engineer.post(f"/runs/{run.key}/match-anew", said)
    assert Run.objects.get(edition=2).run_wafers.get().wafer.code == "W1-03"


def test_answers_that_cannot_be_are_told(engineer: Client, run: Run) -> None:
    address = f"/runs/{run.key}/match-anew"
    for said, told in (
        (answers(lot="NOWHERE"), "There is no lot with this code."),
        (answers(step="NOWHERE"), "Not on the route of W2."),
        (answers(lot=""), "Name the lot whose step that is."),
        (answers(reason=""), "This field is required."),
    ):
        answer = engineer.post(address, said)
        assert (answer.status_code, told in answer.content.decode()) == (400, True)
    answer = engineer.post(address, answers(lot="W1", go="try"))
    assert (answer.status_code, "already" in answer.content.decode()) == (422, True)


def test_going_back_keeps_the_answers(engineer: Client, run: Run) -> None:
    answer = engineer.post(f"/runs/{run.key}/match-anew", answers(go="back"))
    assert f">\n{WHY}</textarea>" in answer.content.decode()


def test_a_run_is_taken_back_alone(engineer: Client, run: Run) -> None:
    address = f"/runs/{run.key}/take-back"
    said = {"op_key": "one", "reason": WHY}
    assert "What would become of the figures" in engineer.post(address, said).content.decode()
    answer = engineer.post(address, {**said, "go": "do"})
    assert answer["Location"] == f"/files/{run.source_sha256}"
    assert RawFile.objects.get().state == "unmatched"
    assert "stray.stdf" in text_of(engineer, "/files/unmatched")


def test_picked_runs_are_matched_anew_at_once(engineer: Client, run: Run) -> None:
    listed = engineer.post(
        "/admin/testing/run/", {"action": "match_anew", "_selected_action": [run.pk]}
    )
    address = listed["Location"]
    assert address == f"/runs/match-anew?pick={run.pk}"
    assert "stray.stdf" in text_of(engineer, address)
    said = {**answers(), "pick": [run.pk]}
    text = engineer.post("/runs/match-anew", said).content.decode()
    assert "1 of 1 files would match so" in text
    assert "W2 at CP1" in text
    assert engineer.post("/runs/match-anew", {**said, "go": "do"}).status_code == 302
    assert Run.objects.get(is_withdrawn=False).lot_step.lot.code == "W2"


def test_nothing_picked_and_nobody_allowed(
    engineer: Client, run: Run, client: Client, as_role: Callable[[str], Client]
) -> None:
    assert engineer.get("/runs/match-anew").status_code == 404
    client.force_login(User.objects.create_user("stranger"))
    for address in (f"/runs/{run.key}/match-anew", f"/runs/{run.key}/take-back"):
        assert client.get(address).status_code == 403
