"""Runs matched anew and taken back over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from intake.models import RawFile
from intake.tests.handing import loaded
from intake.tests.stdf_builder import sort_file
from lots.tests.making import wafer_lot
from testing.models import Run

pytestmark = pytest.mark.django_db
BODY = {"lot": "W2", "step": "CP1", "reason": "wrong lot"}


@pytest.fixture
def run(material: Path) -> Run:
    wafer_lot("W1", step="CP1")
    wafer_lot("W2", step="CP1")
    file = loaded(sort_file(lot="W1", flow="CP1", wafers=("1",), part_type="TRN3-DIE"))
    assert file.run is not None
    return file.run


@pytest.fixture
def engineer(client: Client, db: None) -> Client:
    user = User.objects.create_user("engineer")
    rights = Permission.objects.filter(codename__in=["change_rawfile", "view_run"])
    user.user_permissions.set(rights)
    client.force_login(user)
    return client


def post(client: Client, run: Run, act: str, body: dict[str, Any], key: str = "1") -> Any:
    return client.post(
        f"/api/v1/runs/{run.key}/{act}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": key} if key else {},
    )


def test_the_answer_is_the_run_that_stands_now(engineer: Client, run: Run) -> None:
    answer = post(engineer, run, "match-anew", BODY)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["lot"], told["stood_as"]) == (f"{run.key}-2", "W2", [run.key])
    assert post(engineer, run, "match-anew", BODY).json() == told
    old = engineer.get(f"/api/v1/runs/{run.key}").json()
    assert (old["stands_as"], old["withdrawn"]["reason"]) == (f"{run.key}-2", "wrong lot")


def test_a_trial_changes_nothing(engineer: Client, run: Run) -> None:
    told = post(engineer, run, "match-anew/trial", {"lot": "W2", "step": "CP1"}, "").json()
    assert [(one["lot"], one["after"]["units"]) for one in told["effects"]] == [
        ("W1", 0),
        ("W2", 4),
    ]
    told = post(engineer, run, "take-back/trial", {}, "").json()
    assert told["effects"][0]["before"] == {"units": 4, "first_passed": 3, "final_passed": 3}
    assert Run.objects.get() == run


def test_taken_back_the_file_waits(engineer: Client, run: Run) -> None:
    answer = post(engineer, run, "take-back", {"reason": "no such lot"})
    assert (answer.status_code, answer.json()["withdrawn"]["by"]) == (200, "engineer")
    assert RawFile.objects.get().state == "unmatched"


@pytest.mark.parametrize(
    ("body", "key", "status"),
    [
        (BODY, "", 400),
        ({"lot": "W2", "step": "CP1"}, "1", 400),
        ({**BODY, "colour": "red"}, "1", 400),
        ({**BODY, "lot": "NOWHERE"}, "1", 404),
        ({**BODY, "step": "NOWHERE"}, "1", 400),
        ({"step": "CP1", "reason": "x"}, "1", 400),
        ({**BODY, "lot": "W1"}, "1", 422),
        ({**BODY, "wafers": {"1": "W1-01"}}, "1", 422),
        ({**BODY, "wafers": {str(one): "W2-01" for one in range(100)}}, "1", 400),
    ],
)
def test_refusals_are_problems(
    engineer: Client, run: Run, body: dict[str, Any], key: str, status: int
) -> None:
    answer = post(engineer, run, "match-anew", body, key)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert Run.objects.get() == run


def test_a_key_used_for_something_else_is_a_conflict(engineer: Client, run: Run) -> None:
    post(engineer, run, "take-back", {"reason": "no such lot"})
    assert post(engineer, run, "take-back", {"reason": "another"}).status_code == 409


def test_an_unknown_run_is_missing(engineer: Client, run: Run) -> None:
    run.key = "f" * 64
    assert post(engineer, run, "take-back", {"reason": "x"}).status_code == 404


def test_without_the_right_it_is_forbidden(client: Client, run: Run) -> None:
    client.force_login(User.objects.create_user("reader"))
    for act in ("match-anew", "match-anew/trial", "take-back", "take-back/trial"):
        assert post(client, run, act, BODY).status_code == 403
