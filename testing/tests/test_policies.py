from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, transaction
from django.utils import timezone

from supplychain.base.errors import (
    ConflictError,
    ForbiddenError,
    MissingError,
    RefusedError,
    SupplychainError,
)
from testing.domain.words import Outcome, RetestPolicy
from testing.models import LotStep, Restatement, RetestRule
from testing.selectors import restatements, rule_in_force
from testing.services import (
    approve_retest_rule,
    change_policy,
    prepare_retest_rule,
    record_run,
    withdraw_retest_rule,
)
from testing.tests.builders import Part
from testing.tests.conftest import Line

BEST, LAST = RetestPolicy.BEST, RetestPolicy.LAST
RIGHTS = ["add_retestrule", "approve_retestrule", "restate_lotstep"]
Person = Callable[[str], User]


@pytest.fixture
def person(db: None) -> Person:
    """Somebody who may do all of it."""

    def make(name: str) -> User:
        user = User.objects.create_user(name)
        user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
        return user

    return make


@pytest.fixture
def ann(person: Person) -> User:
    return person("ann")


@pytest.fixture
def bob(person: Person) -> User:
    return person("bob")


def prepare(line: Line, actor: User, days_ago: float = 1, **changes: object) -> RetestRule:
    given: dict[str, object] = {
        "product": line.chip,
        "step_code": "FT-HOT",
        "policy": BEST,
        "valid_from": timezone.now() - timedelta(days=days_ago),
        "reason": "contact fails",
    }
    return prepare_retest_rule(**{**given, **changes}, actor=actor)  # type: ignore[arg-type]


def test_where_no_rule_is_the_last_insertion_decides(line: Line) -> None:
    assert record_run(line.tested(Part(part_id="C1")).record()).lot_step.policy == LAST


def test_a_lot_step_first_made_gets_the_rule_in_force(line: Line, ann: User, bob: User) -> None:
    approve_retest_rule(rule_id=prepare(line, ann).pk, actor=bob)
    parts = [Part(part_id="C1"), Part(part_id="C1", outcome=Outcome.FAIL)]
    lot_step = record_run(line.tested(*parts).record()).lot_step
    lot_step.refresh_from_db()
    assert (lot_step.policy, lot_step.final_pass_count) == (BEST, 1)
    assert Restatement.objects.get().policy == BEST


def test_a_lot_step_that_stands_keeps_its_policy(line: Line, ann: User, bob: User) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a").record())
    approve_retest_rule(rule_id=prepare(line, ann).pk, actor=bob)
    record_run(line.tested(Part(part_id="C1"), sha256="b", hours=1).record())
    assert LotStep.objects.get().policy == LAST


def test_the_newest_approved_rule_that_is_valid_counts(line: Line, ann: User, bob: User) -> None:
    now = timezone.now()
    for days_ago, policy in ((9, BEST), (5, RetestPolicy.FLAGGED), (-1, LAST)):
        rule = prepare(line, ann, days_ago, policy=policy)
        approve_retest_rule(rule_id=rule.pk, actor=bob)
    prepare(line, ann, 2, policy=LAST)

    def at(moment: datetime, step: str = "FT-HOT") -> RetestPolicy | None:
        rule = rule_in_force(line.chip.pk, step, moment)
        return RetestPolicy(rule.policy) if rule else None

    assert at(now) == RetestPolicy.FLAGGED
    assert at(now - timedelta(days=7)) == BEST
    assert at(now - timedelta(days=10)) is None
    assert at(now, "FT-COLD") is None
    assert rule_in_force(line.die.pk, "FT-HOT", now) is None


def test_nobody_approves_a_rule_they_prepared(line: Line, ann: User) -> None:
    rule = prepare(line, ann)
    with pytest.raises(ForbiddenError, match="Ask a colleague"):
        approve_retest_rule(rule_id=rule.pk, actor=ann)
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        RetestRule.objects.update(approved_by=ann, approved_at=timezone.now())


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"reason": " "}, RefusedError), ({"step_code": "NONE"}, MissingError)],
)
def test_a_rule_names_a_step_and_a_reason(
    line: Line, ann: User, changes: dict[str, Any], error: type[SupplychainError]
) -> None:
    with pytest.raises(error):
        prepare(line, ann, **changes)


def test_two_rules_of_one_moment_are_refused(line: Line, ann: User) -> None:
    now = timezone.now()
    prepare(line, ann, valid_from=now)
    with pytest.raises(ConflictError):
        prepare(line, ann, valid_from=now)


def test_a_draft_is_withdrawn_and_an_approved_rule_is_not(line: Line, ann: User, bob: User) -> None:
    withdraw_retest_rule(rule_id=prepare(line, ann).pk, actor=ann)
    rule = approve_retest_rule(rule_id=prepare(line, ann).pk, actor=bob)
    for act in (withdraw_retest_rule, approve_retest_rule):
        with pytest.raises(RefusedError):
            act(rule_id=rule.pk, actor=bob)
    for change in (rule.delete, rule.save):
        with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
            change()


def test_a_rule_that_is_gone_is_missing(ann: User) -> None:
    with pytest.raises(MissingError):
        approve_retest_rule(rule_id=1, actor=ann)


def test_each_act_needs_its_right(line: Line, ann: User) -> None:
    stranger = User.objects.create_user("stranger")
    rule = prepare(line, ann)
    lot_step = record_run(line.tested(Part(part_id="C1")).record()).lot_step
    acts: list[Callable[[], object]] = [
        lambda: prepare(line, stranger),
        lambda: approve_retest_rule(rule_id=rule.pk, actor=stranger),
        lambda: withdraw_retest_rule(rule_id=rule.pk, actor=stranger),
        lambda: change_policy(lot_step_id=lot_step.pk, policy=BEST, reason="why", actor=stranger),
    ]
    for act in acts:
        with pytest.raises(ForbiddenError):
            act()


def test_a_changed_policy_restates_and_says_who_and_why(line: Line, ann: User) -> None:
    parts = [Part(part_id="C1"), Part(part_id="C1", outcome=Outcome.FAIL)]
    lot_step = record_run(line.tested(*parts).record()).lot_step
    change_policy(lot_step_id=lot_step.pk, policy=BEST, reason=" contact fails ", actor=ann)
    row = Restatement.objects.latest("revision")
    assert (row.cause, row.actor, row.reason) == ("policy", ann, "contact fails")
    first, second = restatements(lot_step)
    assert (first.after.final_passed, second.after.final_passed) == (0, 1)


@pytest.mark.parametrize(("policy", "reason"), [(LAST, "the one that stands"), (BEST, " ")])
def test_a_change_that_changes_nothing_or_says_nothing_is_refused(
    line: Line, ann: User, policy: RetestPolicy, reason: str
) -> None:
    lot_step = record_run(line.tested(Part(part_id="C1")).record()).lot_step
    with pytest.raises(RefusedError):
        change_policy(lot_step_id=lot_step.pk, policy=policy, reason=reason, actor=ann)
    assert Restatement.objects.count() == 1


def test_the_policy_of_no_lot_step_is_not_changed(ann: User) -> None:
    with pytest.raises(MissingError):
        change_policy(lot_step_id=1, policy=BEST, reason="why", actor=ann)
