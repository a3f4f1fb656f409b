"""Posting rules tried on history: told beside what is posted, and nothing is written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finance.domain.legs import Leg, Position, Worth
from finance.domain.rule_trials import Bucket, RuleTrial, TriedEvent, moved, tried_buckets
from finance.domain.words import Account, EntryKind
from finance.models import CostVersion, LedgerEntry, Period
from finance.selectors import rule_trials
from finance.selectors.rule_trials import rule_trial
from finance.services import approve_cost_version, close_period, post_events, soft_close_period
from finance.tests.line import command, wafer_lot
from finance.tests.memory import at, parts, sent
from finance.tests.staging import drafted_rules, people
from lots.domain.commands import Selection
from lots.models import Event, Lot
from lots.services import correct_event, record_bonus, record_loss, scrap_units
from supplychain.base.errors import RefusedError

pytestmark = pytest.mark.django_db

JUNE = date(2026, 6, 1)
NORMAL = Bucket("normal-scrap", "wafer", "wafer")
ABNORMAL = Bucket("abnormal-scrap", "wafer", "wafer")
NOTHING = Worth(0, Decimal(0))
PLACE = Position(Account.INVENTORY, "wafer", "TRN3-DIE", "wafer", "US", "OSAT1")


def leg(account: Account, quantity: int, amount: int) -> Leg:
    place = Position(account, "wafer", "TRN3-DIE", "wafer", "US", "OSAT1")
    return Leg(EntryKind.SCRAP, place, "W1", quantity, Decimal(amount))


def scrapped(code: str = "W1", *, month: int = 3, wafers: tuple[int, ...] = (1,)) -> Lot:
    day = datetime(2026, month, 5, 12, tzinfo=UTC)
    lot = wafer_lot(code, 3, at=datetime(2026, month, 2, 12, tzinfo=UTC), step="BUMP")
    scrap_units(
        lot=lot, selection=Selection(wafers=wafers), command=command(reason="handling", at=day)
    )
    return lot


def tried(code: str = "2026-03", /, **reasons: tuple[bool, bool]) -> RuleTrial:
    rules = drafted_rules(JUNE, "RULES-2", **reasons)
    return rule_trial(rules, Period.objects.get(code=code))


def test_what_moves_is_told_by_account_and_stage() -> None:
    before = [leg(Account.INVENTORY, -1, -5), leg(Account.ABNORMAL_SCRAP, 1, 5)]
    after = [leg(Account.INVENTORY, -1, -5), leg(Account.NORMAL_SCRAP, 1, 5)]
    shift = moved(before, after)
    assert shift == {ABNORMAL: Worth(-1, Decimal(-5)), NORMAL: Worth(1, Decimal(5))}
    assert moved(before, before) == {}
    events = [TriedEvent(1, "W1", "scrap", "r", JUNE, shift)] * 2
    rows = tried_buckets({ABNORMAL: Worth(3, Decimal(15))}, events)
    assert [(row.bucket, row.posted, row.tried) for row in rows] == [
        (ABNORMAL, Worth(3, Decimal(15)), Worth(1, Decimal(5))),
        (NORMAL, NOTHING, Worth(2, Decimal(10))),
    ]
    assert rows[0].difference == Worth(-2, Decimal(-10))


def test_what_goes_back_and_forth_does_not_differ() -> None:
    there = {NORMAL: Worth(1, Decimal(5)), ABNORMAL: Worth(-1, Decimal(-5))}
    back = {bucket: Worth(-worth.quantity, -worth.amount) for bucket, worth in there.items()}
    events = [TriedEvent(1, "W1", "scrap", "r", JUNE, one) for one in (there, back)]
    assert tried_buckets({}, events) == ()


@pytest.mark.usefixtures("books")
def test_scrap_that_would_be_planned_for_moves_between_accounts() -> None:
    lot = scrapped()
    post_events()
    lines = list(LedgerEntry.objects.values())
    trial = tried(handling=(True, False))
    assert [(row.bucket, row.posted, row.tried) for row in trial.buckets] == [
        (ABNORMAL, Worth(1, Decimal(19500)), NOTHING),
        (NORMAL, NOTHING, Worth(1, Decimal(19500))),
    ]
    assert [(one.lot, one.reason) for one in trial.events] == [(lot.code, "handling")]
    assert (trial.looked_at, trial.unlike, trial.unpostable) == (1, 0, 0)
    assert list(LedgerEntry.objects.values()) == lines


@pytest.mark.usefixtures("books")
def test_other_periods_and_other_reasons_are_left_alone() -> None:
    scrapped("W4", month=4)
    post_events()
    trial = tried(handling=(True, False))
    assert (trial.looked_at, trial.buckets, trial.events) == (0, (), ())
    trial = rule_trial(drafted_rules(JUNE, "RULES-3"), Period.objects.get(code="2026-04"))
    assert trial.looked_at == 0


@pytest.mark.usefixtures("books")
def test_a_closed_period_is_tried_too() -> None:
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    scrapped()
    post_events()
    ann, bob = people()
    march = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=ann)
    close_period(period=march, approver=bob)
    assert len(tried(handling=(True, False)).buckets) == 2


@pytest.mark.usefixtures("books")
def test_a_correction_takes_back_what_would_have_been_posted() -> None:
    scrapped()
    event = Event.objects.latest("seq")
    correct_event(event=event, command=command(reason="typed wrong", at=at(6)))
    post_events()
    trial = tried(handling=(True, False))
    assert (trial.looked_at, len(trial.events), trial.unlike) == (2, 2, 0)
    assert trial.buckets == ()


@pytest.mark.usefixtures("parts_cost")
@pytest.mark.parametrize("at_once", [500, 1])
def test_each_event_is_tried_after_those_before_it(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first takes what is left in dispute, so that the second finds none."""
    monkeypatch.setattr(rule_trials, "EVENTS_AT_ONCE", at_once)
    lot = sent(parts(), "ODM1", day=5, counted=8)
    for day in (7, 8):
        lot = Lot.objects.get(pk=lot.pk)
        lost = command(at=at(day), reason="handling")
        record_loss(lot=lot, selection=Selection(quantity=2), command=lost)
    post_events()
    trial = tried(handling=(False, True))
    assert (trial.looked_at, len(trial.events), trial.unlike) == (2, 1, 0)
    shift = {row.bucket.account: row.difference.quantity for row in trial.buckets}
    assert shift == {"count-adjustment": -2, "inventory": 2}


@pytest.mark.usefixtures("parts_cost")
def test_an_event_that_would_not_be_posted_again_as_it_is_is_counted() -> None:
    """Its cost was approved anew since; what differs is by the rules alone."""
    lot = parts()
    record_bonus(lot=lot, quantity=2, command=command(at=at(6), reason="found"))
    post_events()
    dearer = CostVersion.objects.create(
        code="PARTS-2", effective_on=date(2026, 1, 1), prepared_by=people()[0]
    )
    dearer.costs.create(item_id="HBM3E-36", stage_id="component", unit_cost=Decimal(400))
    approve_cost_version(version=dearer, approver=people()[1])
    trial = tried(found=(True, False))
    assert (trial.looked_at, trial.unlike, trial.unpostable) == (1, 1, 0)
    assert {row.bucket.account: row.difference.amount for row in trial.buckets} == {
        "abnormal-scrap": Decimal(800),
        "normal-scrap": Decimal(-800),
    }


@pytest.mark.usefixtures("parts_cost")
def test_an_event_that_could_not_be_posted_again_stays_as_it_is() -> None:
    lot = parts()
    record_bonus(lot=lot, quantity=2, command=command(at=at(6), reason="found"))
    post_events()
    empty = CostVersion.objects.create(
        code="NOTHING", effective_on=date(2026, 1, 1), prepared_by=people()[0]
    )
    empty.costs.create(item_id="TRN3", stage_id="tested", unit_cost=Decimal(400))
    approve_cost_version(version=empty, approver=people()[1])
    trial = tried(found=(True, False))
    assert (trial.looked_at, trial.unlike, trial.unpostable, trial.events) == (1, 1, 1, ())


@pytest.mark.usefixtures("books")
def test_more_events_than_a_trial_looks_at_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_trials, "EVENTS_MAX", 1)
    for code in ("W1", "W2"):
        scrapped(code)
    post_events()
    with pytest.raises(RefusedError, match="More than 1 events of 2026-03"):
        tried(handling=(True, False))


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("at_once", [500, 1])
def test_what_a_lot_came_to_is_carried_from_batch_to_batch(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_trials, "EVENTS_AT_ONCE", at_once)
    scrap_units(
        lot=scrapped(), selection=Selection(wafers=(2,)), command=command(reason="handling")
    )
    post_events()
    trial = tried(handling=(True, False))
    assert [(row.bucket, row.tried.amount) for row in trial.buckets] == [
        (ABNORMAL, 0),
        (NORMAL, Decimal(39000)),
    ]
    assert (len(trial.events), trial.unlike, trial.unpostable) == (2, 0, 0)
