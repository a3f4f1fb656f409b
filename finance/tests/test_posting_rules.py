"""Reasons of scrap by version: which applies is told by an event's day, whenever it is posted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from finance.domain.reasons import Meaning
from finance.models import Entity, LedgerEntry, Period, PostingRules, ScrapReason, StepStage
from finance.selectors.rules import reasons_of, rules_by_code, rules_in_force
from finance.selectors.told import told_rules
from finance.services import (
    approve_posting_rules,
    close_period,
    load_reference,
    post_events,
    soft_close_period,
)
from finance.tests.line import command, wafer_lot
from finance.tests.staging import drafted_rules, people, ruled
from lots.domain.commands import Selection
from lots.models import Lot
from lots.services import scrap_units
from supplychain.base.errors import ForbiddenError, MissingError, RefusedError, StaleError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

APRIL = date(2026, 4, 1)


def scrapped_on(code: str, month: int) -> Lot:
    """A wafer of it broke on the fifth of the month."""
    at = datetime(2026, month, 5, 12, tzinfo=UTC)
    lot = wafer_lot(code, 2, at=datetime(2026, month, 2, 12, tzinfo=UTC), step="BUMP")
    scrap_units(
        lot=lot, selection=Selection(wafers=(1,)), command=command(reason="handling", at=at)
    )
    return lot


def charged(lot: Lot) -> set[str]:
    rows = LedgerEntry.objects.filter(lot=lot, account__contains="scrap")
    return set(rows.values_list("account", flat=True))


def approve_in_sql(rules: PostingRules) -> None:
    with transaction.atomic():
        PostingRules.objects.filter(pk=rules.pk).update(
            approved_by=people()[1], approved_at=timezone.now()
        )


def test_a_late_poster_posts_each_event_by_the_rules_of_its_day() -> None:
    march, april = scrapped_on("W3", 3), scrapped_on("W4", 4)
    ruled(APRIL, handling=(True, False))
    post_events()
    assert (charged(march), charged(april)) == ({"abnormal-scrap"}, {"normal-scrap"})


def test_a_poster_on_time_posts_the_same() -> None:
    march = scrapped_on("W3", 3)
    post_events()
    ruled(APRIL, handling=(True, False))
    april = scrapped_on("W4", 4)
    post_events()
    assert (charged(march), charged(april)) == ({"abnormal-scrap"}, {"normal-scrap"})


def test_a_draft_says_nothing() -> None:
    drafted_rules(date(2026, 3, 1), handling=(True, False))
    lot = scrapped_on("W3", 3)
    post_events()
    assert charged(lot) == {"abnormal-scrap"}


def test_without_rules_every_loss_is_abnormal() -> None:
    assert rules_in_force(date(1899, 12, 31)) is None
    assert reasons_of(None) == {}


def test_days_of_which_events_are_posted_keep_their_reasons() -> None:
    scrapped_on("W4", 4)
    post_events()
    rules = drafted_rules(APRIL, handling=(True, False))
    with pytest.raises(RefusedError, match="from a day that has not come"):
        approve_posting_rules(rules=rules, approver=people()[1])
    with pytest.raises(DatabaseError, match="by which events are posted"):
        approve_in_sql(rules)


def test_rules_that_change_no_reason_may_begin_on_any_day() -> None:
    scrapped_on("W4", 4)
    post_events()
    assert ruled(APRIL, handling=(False, False)).approved_at


def closed_march() -> None:
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    march = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=people()[0])
    close_period(period=march, approver=people()[1])


def test_days_of_a_closed_period_keep_their_reasons() -> None:
    closed_march()
    rules = drafted_rules(date(2026, 3, 31), handling=(True, False))
    with pytest.raises(RefusedError, match="from a day after 2026-03-31"):
        approve_posting_rules(rules=rules, approver=people()[1])
    with pytest.raises(DatabaseError, match="reasons of a closed period"):
        approve_in_sql(rules)


def test_a_reason_left_out_changes_a_closed_period_too() -> None:
    closed_march()
    rules = drafted_rules(date(2026, 3, 31))
    rules.reasons.get(reason="monitor").delete()
    with pytest.raises(RefusedError, match="of monitor something else"):
        approve_posting_rules(rules=rules, approver=people()[1])


def test_from_the_next_day_on_they_may_be_others() -> None:
    closed_march()
    assert ruled(APRIL, handling=(True, False)).approved_by == people()[1]


def test_nobody_approves_rules_they_prepared() -> None:
    rules = drafted_rules(APRIL)
    with pytest.raises(ForbiddenError, match="they prepared"):
        approve_posting_rules(rules=rules, approver=rules.prepared_by)
    with pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic():
        PostingRules.objects.filter(pk=rules.pk).update(
            approved_by=rules.prepared_by, approved_at=timezone.now()
        )


def test_who_prepared_rules_stays_who_prepared_them() -> None:
    rules = drafted_rules(APRIL)
    with pytest.raises(DatabaseError, match="prepared by someone else"), transaction.atomic():
        PostingRules.objects.filter(pk=rules.pk).update(prepared_by=people()[1])


def test_rules_that_changed_since_they_were_seen_are_not_approved() -> None:
    rules = drafted_rules(APRIL)
    seen = told_rules(rules).sha256
    ScrapReason.objects.filter(rules=rules, reason="monitor").update(is_normal=False)
    with pytest.raises(StaleError):
        approve_posting_rules(rules=rules, approver=people()[1], seen=seen)


def test_rules_are_approved_once() -> None:
    with pytest.raises(RefusedError, match="approved before"):
        approve_posting_rules(rules=ruled(APRIL), approver=people()[1])


def test_rules_that_would_apply_beside_others_are_refused() -> None:
    ruled(APRIL)
    with pytest.raises(RefusedError, match="RULES-2 apply from 2026-04-01 too"):
        ruled(APRIL, "RULES-3")


def test_rules_that_there_are_not_are_missing() -> None:
    assert len(reasons_of(rules_by_code("RULES-1"))) == 6
    with pytest.raises(MissingError):
        rules_by_code("RULES-9")


def test_loading_reference_again_leaves_what_people_approved() -> None:
    ruled(APRIL, handling=(True, False))
    load_reference()
    assert list(PostingRules.objects.values_list("code", flat=True)) == ["RULES-2", "RULES-1"]


def test_what_was_in_force_before_there_were_versions_is_the_first() -> None:
    before = reasons_of(PostingRules.objects.get()), StepStage.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("postingrules", "scrapreason", "stepstage"):
            cursor.execute(f"ALTER TABLE finance_{table} DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE finance_scrapreason ALTER rules_id DROP NOT NULL")
        cursor.execute("ALTER TABLE finance_stepstage ALTER prepared_by_id DROP NOT NULL")
    signing = import_module("finance.migrations.0037_sign_posting_rules")
    signing.unsign(apps, None)
    assert not PostingRules.objects.exists()
    assert not StepStage.objects.filter(prepared_by__isnull=False).exists()
    signing.sign(apps, None)
    signing.sign(apps, None)
    rules = PostingRules.objects.get()
    assert (reasons_of(rules), StepStage.objects.exclude(approved_at=None).count()) == before
    assert rules_in_force(date(1900, 1, 1)) == rules
    assert reasons_of(rules)["missing"] == Meaning(is_normal=False, is_missing=True)
    assert not rules.prepared_by.has_usable_password()


def test_books_that_are_to_be_set_up_get_their_rules_then() -> None:
    with connection.cursor() as cursor:
        for table in ("postingrules", "scrapreason", "stepstage"):
            cursor.execute(f"ALTER TABLE finance_{table} DISABLE TRIGGER USER")
    for model in (ScrapReason, StepStage, PostingRules, Entity):
        model.objects.all().delete()
    import_module("finance.migrations.0037_sign_posting_rules").sign(apps, None)
    assert not PostingRules.objects.exists()
