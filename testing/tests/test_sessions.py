"""Sessions off any wafer that only count their parts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from testing.domain.identity import identified
from testing.domain.leads import Decided, Settled
from testing.domain.sessions import SUBJECT, counted_sessions
from testing.domain.words import ConflictKind, ConflictVerdict, IdentityQuality, Outcome
from testing.models import IdentityConflict, LotStep, UnitResult
from testing.selectors import insertions_in_conflict
from testing.services import decide_conflict, record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line
from testing.tests.test_identity import BY_ID, Claim, claims_of, numbered

SAME, DIFFERENT, OPEN = ConflictVerdict.SAME, ConflictVerdict.DIFFERENT, ConflictVerdict.OPEN


def session(run: int, *names: object, flag: int = 0) -> list[Claim]:
    return [Claim(name=str(name), run=run, flag=flag) for name in names]


def counted(*sessions: Sequence[Claim]) -> list[int]:
    """Runs that are taken to count their parts."""
    return sorted(counted_sessions(claims_of([claim for one in sessions for claim in one])))


def settled(verdict: ConflictVerdict, *runs: int) -> Settled:
    names = frozenset(f"run-{run}" for run in runs)
    return {(ConflictKind.COUNTED, SUBJECT): Decided(verdict, names)}


def test_two_sessions_that_begin_at_one_are_told() -> None:
    found = identified(claims_of([*session(1, 1, 2, 3), *session(2, 1, 2)]))
    (conflict,) = found.conflicts
    assert (conflict.kind, conflict.names) == (ConflictKind.COUNTED, ("run-1", "run-2"))
    assert numbered(found) == [0, 1, 2, 0, 1]


def test_judged_to_be_others_each_session_has_units_of_its_own() -> None:
    claims = claims_of([*session(1, 1, 2, 1), *session(2, 1, 2)])
    found = identified(claims, settled(DIFFERENT, 1, 2))
    assert numbered(found) == [0, 1, 0, 2, 3]
    assert found.keys[0] == "run-1#1"
    assert numbered(identified(claims, settled(SAME, 1, 2))) == [0, 1, 0, 0, 1]


def test_a_session_that_nobody_judged_makes_them_one_set_again() -> None:
    claims = claims_of([*session(1, 1, 2), *session(2, 1, 2), *session(3, 1)])
    assert numbered(identified(claims, settled(DIFFERENT, 1, 2))) == [0, 1, 0, 1, 0]


def test_a_serial_beside_counted_parts_stays_one_unit() -> None:
    claims = claims_of([*session(1, 1, 2, "SN-0001"), *session(2, 1, "SN-0001")])
    assert numbered(identified(claims, settled(DIFFERENT, 1, 2))) == [0, 1, 2, 3, 2]


@pytest.mark.parametrize(
    "second",
    [
        session(2, 3, 17, 55),
        session(2, 2, 3, 4),
        session(2, "C1", "C2"),
        session(2, 1, 2, flag=BY_ID),
        session(2, "12345678901"),
        session(2, "²"),
        [Claim((40, 1, 1), "1", run=2)],
    ],
    ids=["gaps", "from two", "serials", "flagged", "long", "no digit", "on a wafer"],
)
def test_what_tells_which_parts_it_tested_is_no_count(second: Sequence[Claim]) -> None:
    assert 2 not in counted(session(1, 1, 2), session(3, 1, 2), second)


def test_a_count_may_begin_at_zero_and_lack_a_few() -> None:
    damaged = [number for number in range(1, 31) if number not in (4, 9, 20)]
    assert counted(session(1, 0, 1), session(2, *damaged), session(3, 1)) == [1, 2, 3]


def test_one_session_alone_is_not_in_doubt() -> None:
    assert counted(session(1, 1, 2, 1)) == []


@pytest.fixture
def engineer(db: None) -> User:
    user = User.objects.create_user("engineer")
    rights = ["decide_identityconflict", "view_identityconflict", "view_run"]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def counted_run(line: Line, sha256: str, hours: float, count: int) -> None:
    parts = [
        Part(part_id=str(number), outcome=Outcome.FAIL if number == 1 else Outcome.PASS)
        for number in range(1, count + 1)
    ]
    record_run(line.tested(*parts, sha256=sha256, hours=hours).record())


def decide(engineer: User, verdict: ConflictVerdict) -> None:
    decide_conflict(
        conflict_id=IdentityConflict.objects.get().pk, verdict=verdict, reason="looked at them",
        actor=engineer, seen=OPEN,
    )  # fmt: skip


def stand() -> tuple[int, str]:
    lot_step = LotStep.objects.get()
    return lot_step.unit_count, lot_step.identity


def test_other_units_are_counted_apart_once_somebody_says_so(line: Line, engineer: User) -> None:
    counted_run(line, "a", 0, 5)
    assert stand() == (5, IdentityQuality.UNDISPUTED)
    counted_run(line, "b", 4, 3)
    assert stand() == (5, IdentityQuality.COUNTED)
    decide(engineer, DIFFERENT)
    assert stand() == (8, IdentityQuality.UNDISPUTED)
    assert UnitResult.objects.filter(attempt=1, is_final=True).count() == 8


def test_the_same_units_stay_one_set_and_are_no_doubt_any_more(line: Line, engineer: User) -> None:
    counted_run(line, "a", 0, 5)
    counted_run(line, "b", 4, 3)
    decide(engineer, SAME)
    assert stand() == (5, IdentityQuality.UNDISPUTED)


def test_a_session_that_comes_later_opens_it_again(line: Line, engineer: User) -> None:
    counted_run(line, "a", 0, 5)
    counted_run(line, "b", 4, 3)
    decide(engineer, DIFFERENT)
    counted_run(line, "c", 2, 2)
    assert stand() == (5, IdentityQuality.COUNTED)
    decide(engineer, DIFFERENT)
    assert stand() == (10, IdentityQuality.UNDISPUTED)


def test_a_conflict_of_sessions_leads_to_their_insertions(line: Line) -> None:
    counted_run(line, "a", 0, 2)
    counted_run(line, "b", 4, 1)
    conflict = IdentityConflict.objects.get()
    assert insertions_in_conflict(conflict).count() == 3
    assert (conflict.part_ids, conflict.places) == ((), ())


def test_the_api_tells_the_sessions_and_the_doubt(
    line: Line, engineer: User, client: Client
) -> None:
    counted_run(line, "a", 0, 2)
    counted_run(line, "b", 4, 1)
    client.force_login(engineer)
    (row,) = client.get("/api/v1/identity-conflicts?kind=counted").json()["results"]
    assert (row["runs"], row["part_ids"], row["places"]) == (["a", "b"], [], [])
    assert {one["identity"] for one in client.get("/api/v1/runs").json()["results"]} == {"counted"}
