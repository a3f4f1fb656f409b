"""Stages of steps and posting rules for tests: taken away, and approved by two people."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import User
from django.db import connection

from finance.models import PostingRules, ScrapReason, StepStage
from finance.services import approve_posting_rules, approve_step_stage, copy_reasons
from lots.models import Step


def people() -> tuple[User, User]:
    """Who prepares, and who approves."""
    found = [User.objects.get_or_create(username=name)[0] for name in ("ann", "bob")]
    return found[0], found[1]


def without_stage(code: str) -> None:
    """As books in which nobody ever said where lots at steps of this code are valued."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE finance_stepstage DISABLE TRIGGER finance_stepstage_frozen")
        StepStage.objects.filter(step__code=code).delete()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE finance_stepstage ENABLE TRIGGER finance_stepstage_frozen")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def drafted_stage(step: Step, stage: str, unit: str = "wafer") -> StepStage:
    return StepStage.objects.create(
        step=step,
        unit_of_measure=unit,
        stage_id=stage,
        account="inventory",
        prepared_by=people()[0],
    )


def staged(step: Step, stage: str, unit: str = "wafer") -> StepStage:
    """Approved."""
    return approve_step_stage(stage=drafted_stage(step, stage, unit), approver=people()[1])


def drafted_rules(
    first_day: date, code: str = "RULES-2", /, **reasons: tuple[bool, bool]
) -> PostingRules:
    """As what is in force until then, but for these: reason → is it normal, is it missing."""
    rules = PostingRules.objects.create(code=code, effective_on=first_day, prepared_by=people()[0])
    copy_reasons(rules=rules)
    for reason, (is_normal, is_missing) in reasons.items():
        said = {"is_normal": is_normal, "is_missing": is_missing}
        ScrapReason.objects.update_or_create(rules=rules, reason=reason, defaults=said)
    return rules


def ruled(first_day: date, code: str = "RULES-2", /, **reasons: tuple[bool, bool]) -> PostingRules:
    """Approved."""
    draft = drafted_rules(first_day, code, **reasons)
    return approve_posting_rules(rules=draft, approver=people()[1])
