"""Which events a trial of posting rules reads: only those that the rules would post otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.api import posting_rules
from finance.domain.rule_trials import RuleTrial
from finance.models import LedgerHead, Period, PostingRules
from finance.selectors import rule_trials
from finance.selectors.rule_trials import rule_trial
from finance.services import post_events
from finance.tests.line import command, wafer_lot
from finance.tests.memory import at, parts
from finance.tests.readers import client_of
from finance.tests.staging import drafted_rules, ruled
from finance.tests.test_concurrency import together
from lots.domain.commands import Selection
from lots.domain.orders import Loss, TrackOutOrder
from lots.models import Event, Lot
from lots.services import correct_event, scrap_units, track_in, track_out
from supplychain.base.errors import RefusedError

pytestmark = pytest.mark.django_db

JUNE = date(2026, 6, 1)


def scrapped(code: str, *, day: int = 5, month: int = 3) -> Lot:
    moment = datetime(2026, month, day, 12, tzinfo=UTC)
    lot = wafer_lot(code, 3, at=datetime(2026, month, 2, 12, tzinfo=UTC), step="BUMP")
    told = command(reason="handling", at=moment)
    scrap_units(lot=lot, selection=Selection(wafers=(1,)), command=told)
    return lot


def march() -> Period:
    return Period.objects.get(code="2026-03")


def tracked_out(lot: Lot, order: TrackOutOrder) -> None:
    track_in(lot=lot, command=command(at=at(6)))
    track_out(lot=lot, order=order, command=command(at=at(7)))


@pytest.mark.usefixtures("books")
def test_rules_that_change_nothing_read_no_event() -> None:
    scrapped("W1")
    post_events()
    rules = drafted_rules(JUNE)
    with CaptureQueriesContext(connection) as asked:
        trial = rule_trial(rules, march())
    assert (trial.looked_at, trial.events) == (0, ())
    assert not [one for one in asked.captured_queries if "lots_event" in one["sql"]]


@pytest.mark.usefixtures("books")
def test_a_period_without_a_line_has_nothing_to_try() -> None:
    assert rule_trial(drafted_rules(JUNE, handling=(True, False)), march()).looked_at == 0


@pytest.mark.usefixtures("books")
def test_a_reason_counts_that_meant_something_else_on_the_day() -> None:
    """From the tenth on it means what is tried already; in April something else again."""
    ruled(date(2026, 3, 10), "RULES-2", handling=(True, False))
    ruled(date(2026, 4, 1), "RULES-3", handling=(False, True))
    early = scrapped("W1")
    for code, day, month in [("W2", 10, 3), ("W3", 12, 3), ("W4", 5, 4)]:
        scrapped(code, day=day, month=month)
    post_events()
    trial = rule_trial(drafted_rules(JUNE, "RULES-4", handling=(True, False)), march())
    assert (trial.looked_at, [one.lot for one in trial.events]) == (1, [early.code])


@pytest.mark.usefixtures("parts_cost")
def test_a_track_out_is_tried_by_what_was_lost_and_what_was_found() -> None:
    lost = Loss("handling", Selection(wafers=(1,)))
    tracked_out(wafer_lot("W1", 3, at=at(5), step="CP1"), TrackOutOrder(losses=(lost,)))
    tracked_out(parts(), TrackOutOrder(bonus=2, bonus_reason="found"))
    post_events()
    for name, code in [("handling", "W1"), ("found", "H1")]:
        trial = rule_trial(drafted_rules(JUNE, f"OF-{code}", **{name: (True, False)}), march())
        assert [one.lot for one in trial.events] == [code]


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(("most", "scraps"), [(1, 2), (1, 1), (2, 1)])
def test_a_trial_stops_at_more_events_than_it_looks_at(
    most: int, scraps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Corrections are events, too."""
    monkeypatch.setattr(rule_trials, "EVENTS_MAX", most)
    for number in range(scraps):
        scrapped(f"W{number}")
    correct_event(event=Event.objects.latest("seq"), command=command(reason="wrong", at=at(6)))
    post_events()
    rules = drafted_rules(JUNE, handling=(True, False))
    if most > scraps:
        assert rule_trial(rules, march()).looked_at == 2
        return
    with pytest.raises(RefusedError, match="More than 1 events of 2026-03"):
        rule_trial(rules, march())


@pytest.mark.usefixtures("books")
def test_a_correction_that_another_period_took_is_not_of_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rule_trials, "EVENTS_MAX", 1)
    scrapped("W1")
    april = datetime(2026, 4, 6, 12, tzinfo=UTC)
    correct_event(event=Event.objects.latest("seq"), command=command(reason="wrong", at=april))
    post_events()
    trial = rule_trial(drafted_rules(JUNE, handling=(True, False)), march())
    assert (trial.looked_at, len(trial.events)) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("books")
def test_a_trial_is_told_as_of_the_line_that_it_was_read_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scrapped("W1")
    post_events()
    seq = LedgerHead.objects.get().seq
    scrapped("W2")

    def posted_meanwhile(rules: PostingRules, period: Period) -> RuleTrial:
        assert together(post_events) == []
        return rule_trial(rules, period)

    monkeypatch.setattr(posting_rules, "rule_trial", posted_meanwhile)
    drafted_rules(JUNE, handling=(True, False))
    client = client_of(User.objects.create_superuser("reader"))
    answer = client.get("/api/v1/finance/posting-rules/RULES-2/trial?period=2026-03")
    assert LedgerHead.objects.get().seq > seq
    assert (answer["X-As-Of-Seq"], answer.json()["looked_at"]) == (str(seq), 1)
