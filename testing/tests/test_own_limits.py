from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from testing.domain.program_changes import Change
from testing.domain.records import ParameterRecord
from testing.domain.words import ParameterKind
from testing.models import Run
from testing.selectors import own_limits
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

RELEASED = ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A", 3, 0.5, 2.5)


def recorded(line: Line, test: ParameterRecord, **changes: object) -> Run:
    record_run(line.tested(Part(part_id="C1"), parameters=(RELEASED,), sha256="a").record())
    session = line.tested(Part(part_id="C1"), parameters=(test,), sha256="b", hours=1, **changes)
    return record_run(session.record())


@pytest.mark.parametrize(
    ("changes", "change"),
    [
        ({"limit_high": 9.0}, Change.LOOSENED),
        ({"limit_low": 1.0}, Change.TIGHTENED),
        ({"limit_high": None}, Change.LOOSENED),
        ({"limit_low": None, "limit_high": None}, Change.LOOSENED),
        ({"units": "V"}, Change.UNITS),
    ],
)
def test_limits_that_are_not_the_programs_are_kept_with_the_run(
    line: Line, changes: dict[str, object], change: Change
) -> None:
    run = recorded(line, replace(RELEASED, **changes))  # type: ignore[arg-type]
    (found,) = own_limits(run)
    assert found.change is change
    assert found.before is not None
    assert (found.before.low, found.before.high) == (0.5, 2.5)
    assert run.revision.parameters.get().limit_high == 2.5


def test_a_file_that_states_the_programs_limits_or_none_has_no_own(line: Line) -> None:
    silent = ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC)
    for test in (RELEASED, silent):
        assert own_limits(recorded(line, test)) == []


def test_limits_of_another_revision_are_its_own_matter(line: Line) -> None:
    run = recorded(line, replace(RELEASED, limit_high=9.0), revision="2")
    assert own_limits(run) == []


def test_runs_with_own_limits_are_found_over_the_api(line: Line, client: Client) -> None:
    recorded(line, replace(RELEASED, limit_high=9.0))
    user = User.objects.create_user("reader")
    user.user_permissions.set(Permission.objects.filter(codename="view_run"))
    client.force_login(user)
    for word, names in (("true", ["b"]), ("false", ["a"])):
        found = client.get(f"/api/v1/runs?own_limits={word}").json()["results"]
        assert [run["sha256"] for run in found] == names
    (limit,) = client.get("/api/v1/runs/b").json()["own_limits"]
    assert (limit["change"], limit["before"]["high"], limit["after"]["high"]) == (
        "loosened", 2.5, 9.0,
    )  # fmt: skip
