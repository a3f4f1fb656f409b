from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, transaction

from supplychain.base.errors import ForbiddenError, MissingError, RefusedError, StaleError
from testing.domain.leads import place_of
from testing.domain.records import MISSING
from testing.domain.words import ConflictVerdict
from testing.models import ConflictDecision, IdentityConflict, LotStep, Restatement
from testing.services import decide_conflict, record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

SAME, DIFFERENT = ConflictVerdict.SAME, ConflictVerdict.DIFFERENT


@pytest.fixture
def engineer(db: None) -> User:
    user = User.objects.create_user("engineer")
    user.user_permissions.add(Permission.objects.get(codename="decide_identityconflict"))
    return user


@pytest.fixture
def conflict(line: Line) -> IdentityConflict:
    """A die under two serials."""
    parts = [Part(place=(0, 1, 1), part_id="E-001"), Part(place=(0, 1, 1), part_id="E-002")]
    record_run(line.sorted(*parts).record())
    return IdentityConflict.objects.get()


def decide(
    conflict: IdentityConflict,
    actor: User,
    verdict: ConflictVerdict = SAME,
    reason: str = "the second ECID was misread",
    seen: ConflictVerdict | None = None,
) -> IdentityConflict:
    return decide_conflict(
        conflict_id=conflict.pk, verdict=verdict, reason=reason, actor=actor, seen=seen
    )


def test_a_die_under_two_serials_is_merged_only_when_someone_says_so(
    conflict: IdentityConflict, engineer: User
) -> None:
    assert LotStep.objects.get().unit_count == 2
    decided = decide(conflict, engineer)
    assert (decided.verdict, decided.decided_by) == (SAME, engineer)
    assert LotStep.objects.get().unit_count == 1
    last = Restatement.objects.latest("revision")
    assert (last.cause, last.actor) == ("identity", engineer)


def test_an_id_that_comes_later_opens_it_again(
    line: Line, conflict: IdentityConflict, engineer: User
) -> None:
    decide(conflict, engineer)
    third = line.sorted(Part(place=(0, 1, 1), part_id="E-003"), sha256="c", hours=2)
    record_run(third.record())
    conflict.refresh_from_db()
    assert (conflict.verdict, conflict.names, conflict.decided_by) == (
        ConflictVerdict.OPEN, "E-001, E-002, E-003", None,
    )  # fmt: skip
    assert LotStep.objects.get().unit_count == 3
    assert ConflictDecision.objects.get().verdict == SAME
    decide(conflict, engineer)
    assert LotStep.objects.get().unit_count == 1


def test_nobody_decides_without_the_right(conflict: IdentityConflict) -> None:
    with pytest.raises(ForbiddenError):
        decide(conflict, User.objects.create_user("stranger"))
    assert LotStep.objects.get().unit_count == 2


@pytest.mark.parametrize(("verdict", "reason"), [(ConflictVerdict.OPEN, "why"), (SAME, " ")])
def test_a_conflict_is_decided_with_a_reason(
    conflict: IdentityConflict, engineer: User, verdict: ConflictVerdict, reason: str
) -> None:
    with pytest.raises(RefusedError):
        decide(conflict, engineer, verdict, reason)


def test_a_later_decision_counts_and_none_is_lost(
    conflict: IdentityConflict, engineer: User
) -> None:
    decide(conflict, engineer)
    decide(conflict, engineer, DIFFERENT, "the wafer map shows both", seen=SAME)
    assert LotStep.objects.get().unit_count == 2
    assert list(ConflictDecision.objects.values_list("verdict", flat=True)) == [
        "same",
        "different",
    ]


def test_a_decision_on_what_was_decided_meanwhile_is_refused(
    conflict: IdentityConflict, engineer: User
) -> None:
    decide(conflict, engineer)
    with pytest.raises(StaleError):
        decide(conflict, engineer, DIFFERENT, seen=ConflictVerdict.OPEN)


def test_a_conflict_that_is_gone_is_missing(line: Line, engineer: User) -> None:
    with pytest.raises(MissingError):
        decide_conflict(conflict_id=1, verdict=SAME, reason="it is", actor=engineer)


@pytest.mark.parametrize("model", [ConflictDecision, Restatement])
def test_history_is_only_added_to(
    conflict: IdentityConflict, engineer: User, model: type[Restatement]
) -> None:
    decide(conflict, engineer)
    for change in (model.objects.all().delete, lambda: model.objects.update(id=99)):
        with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
            change()


def test_a_decision_without_a_verdict_is_no_row(conflict: IdentityConflict, engineer: User) -> None:
    with pytest.raises(IntegrityError, match="testing_decision_says_why"), transaction.atomic():
        ConflictDecision.objects.create(
            conflict=conflict, verdict=ConflictVerdict.OPEN, reason="?", actor=engineer
        )


def test_a_place_is_read_from_its_key() -> None:
    assert place_of("50:-3:4") == (50, -3, 4)
    assert place_of("3:-4") == (MISSING, 3, -4)
