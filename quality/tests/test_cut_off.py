"""Detectors that find more than they read say so, and so take nothing back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lots.domain.commands import HoldOrder
from lots.domain.words import HoldClass
from lots.services import hold_lot
from lots.tests.making import T0, command, counted_lot
from lots.tests.permitting import granted, guarded_lot
from quality.detectors import bin_tables, holds, queues, stale, waivers
from quality.detectors.holds import HoldOverdue
from quality.detectors.running import find_everywhere
from quality.detectors.stale import StaleWip
from quality.domain.partial import Partial
from quality.models import Issue, Rule
from quality.selectors import identities
from quality.tests.building import NOW
from quality.tests.test_escapes import BAD, unnamed
from quality.tests.test_fact_detectors import CHIPS, chip_lot
from quality.tests.test_identities import built_in, conflicting, unreceived, wrong
from quality.tests.test_queue_detectors import lot as lot_between_steps
from quality.tests.test_queue_detectors import waiting as waiting_between
from quality.tests.test_rule_detectors import limits, passed, queued_lot, used, waiting
from testing.domain.words import Outcome
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

__all__ = ["lot_between_steps"]

pytestmark = pytest.mark.usefixtures("rules")


def is_cut_off(found: object) -> bool:
    """Nothing was read, and it says that there is more."""
    return found == [] and isinstance(found, Partial)


def held(code: str, days: int = 0) -> None:
    """A lot on hold, to be decided on by T0 or so many days from it."""
    due_on = (T0 + timedelta(days=days)).date()
    order = HoldOrder(HoldClass.QUALITY, "scratch", due_on=due_on)
    hold_lot(lot=counted_lot(code), order=order, command=command())


def test_issues_beyond_the_most_that_are_read_stay_open(monkeypatch: pytest.MonkeyPatch) -> None:
    Rule.objects.exclude(detector="hold-overdue").update(is_enabled=False)
    held("N1")
    held("N2")
    find_everywhere(now=NOW, is_timed=True)
    held("OLDER", -5)
    monkeypatch.setattr(holds, "HOLDS_MAX", 2)
    find_everywhere(now=NOW, is_timed=True)
    states = dict(Issue.objects.values_list("lot__code", "state"))
    assert states == {"N1": "open", "N2": "open", "OLDER": "open"}


def test_as_many_as_are_read_are_all(monkeypatch: pytest.MonkeyPatch) -> None:
    held("N1")
    monkeypatch.setattr(holds, "HOLDS_MAX", 1)
    found = HoldOverdue().find(NOW)
    assert (len(found), isinstance(found, Partial)) == (1, False)


def test_lots_that_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    chip_lot()
    monkeypatch.setattr(stale, "LOTS_MAX", 0)
    assert is_cut_off(StaleWip().find(NOW))


def test_lots_that_wait_at_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    queued_lot()
    monkeypatch.setattr(queues, "LOTS_MAX", 0)
    assert is_cut_off(waiting(4.5))


def test_lots_that_wait_between_steps(
    lot_between_steps: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "LOTS_MAX", 0)
    assert is_cut_off(waiting_between(31))


def test_waivers_that_end(monkeypatch: pytest.MonkeyPatch) -> None:
    granted(guarded_lot(), quantity=25)
    monkeypatch.setattr(waivers, "WAIVERS_MAX", 0)
    assert is_cut_off(limits())


def test_waivers_used_beyond_what_they_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    lot = guarded_lot()
    waiver = granted(lot)
    passed(lot)
    used(waiver, lot, 1)
    monkeypatch.setattr(waivers, "WAIVERS_MAX", 0)
    assert is_cut_off(limits())


def test_bins_that_no_table_names(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    record_run(line.tested(CHIPS[0], BAD).record())
    monkeypatch.setattr(bin_tables, "BINS_MAX", 0)
    assert is_cut_off(unnamed(line.chip_lot))


def test_dies_built_in(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    record_run(line.sorted(Part(place=(0, 1, 1), outcome=Outcome.FAIL)).record())
    built_in(line, 1, 1)
    monkeypatch.setattr(identities, "ROWS_MAX", 0)
    assert is_cut_off(wrong(line))


def test_identities_in_conflict(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [Part(place=(0, 1, 1), part_id=name) for name in ("E-001", "E-002")]
    record_run(line.sorted(*parts).record())
    monkeypatch.setattr(identities, "CONFLICTS_MAX", 0)
    assert is_cut_off(conflicting(line))


def test_units_that_nobody_received(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    record_run(line.tested(*CHIPS, Part(part_id="C99")).record())
    monkeypatch.setattr(identities, "ROWS_MAX", 0)
    assert is_cut_off(unreceived(line.chip_lot))
