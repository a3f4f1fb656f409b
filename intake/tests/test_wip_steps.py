"""Verbs of a WIP report that say how work at a step went."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.models import RawFile
from intake.tests.handing import loaded, start_row, table, wip_row
from intake.tests.test_wip import only_row
from lots.models import Event, Lot, ReasonCode, Unit
from lots.tests.making import chip_lot, counted_lot

pytestmark = pytest.mark.django_db

COLUMNS = (
    "event_id", "occurred_at", "supplier", "verb", "lot", "product", "route", "step", "quantity",
    "unit", "wafers", "to_lot", "to", "hold_class", "reason", "comment", "serials", "due_on",
    "loss", "equipment", "return_step",
)  # fmt: skip


def send(*rows: dict[str, str], name: str = "steps.wip.csv") -> RawFile:
    return loaded(table(COLUMNS, *rows), name)


def test_a_lot_is_tracked_through_its_steps(material: Path) -> None:
    start = {**start_row(), "due_on": "2026-09-30"}
    file = send(
        start,
        wip_row("track-in", "W1", 1, equipment="PROBER-3"),
        wip_row("track-out", "W1", 2, step="CP2"),
    )
    assert (file.state, file.message) == ("loaded", "3 rows: 3 applied.")
    lot = Lot.objects.get(code="W1")
    assert (lot.step.code, str(lot.due_on)) == ("CP2", "2026-09-30")
    assert list(Event.objects.order_by("seq").values_list("verb", flat=True)) == [
        "receive", "track-in", "track-out",
    ]  # fmt: skip


def test_what_was_lost_at_a_step_is_named_or_counted(material: Path) -> None:
    chip_lot("M1", chips=3)
    counted_lot("N1", 10)
    file = send(
        wip_row("track-in", "M1", 9_000),
        wip_row("track-out", "M1", 9_001, serials="M1-C0", reason="test-reject"),
        wip_row("track-in", "N1", 9_000),
        wip_row("track-out", "N1", 9_001, loss="4", reason="test-reject"),
    )
    assert [row.reason for row in file.rows.exclude(state="applied")] == []
    assert (Lot.objects.get(code="M1").quantity, Lot.objects.get(code="N1").quantity) == (2, 6)
    assert Unit.objects.get(serial="M1-C0").state == "reject"


def test_loss_bonus_and_bank_are_reported_alone(material: Path) -> None:
    counted_lot("N1", 10)
    file = send(
        wip_row("loss", "N1", 1, quantity="2", reason="missing"),
        wip_row("bonus", "N1", 2, quantity="1", reason="found"),
        wip_row("bank", "N1", 3),
        wip_row("unbank", "N1", 9_000),
    )
    assert [row.reason for row in file.rows.exclude(state="applied")] == []
    assert Lot.objects.get(code="N1").quantity == 9
    assert list(Event.objects.order_by("-seq").values_list("verb", flat=True)[:4]) == [
        "unbank", "bank", "bonus", "loss",
    ]  # fmt: skip


def test_a_reason_that_nobody_listed_is_for_a_person(material: Path) -> None:
    counted_lot("N1", 10)
    row = only_row(send(wip_row("loss", "N1", 1, quantity="2", reason="gremlins")))
    assert row.state == "quarantined"
    assert ReasonCode.objects.filter(verb="loss").exists()


def test_work_at_a_step_that_came_late_is_passed_over_and_said(material: Path) -> None:
    send(start_row(), wip_row("move", "W1", 5, step="DICE", reason="x"))
    late = send(wip_row("track-in", "W1", 2), name="late.wip.csv")
    assert (late.state, late.message) == ("loaded", "1 rows: 1 dropped.")
    assert "It came late: lot W1 went on by move" in only_row(late).reason
    assert Lot.objects.get(code="W1").step.code == "DICE"


def test_a_bank_that_came_late_is_passed_over(material: Path) -> None:
    send(start_row(), wip_row("move", "W1", 5, step="DICE", reason="x"))
    late = send(wip_row("bank", "W1", 2), wip_row("unbank", "W1", 3), name="late.wip.csv")
    assert (late.state, late.message) == ("loaded", "2 rows: 2 dropped.")
    assert Lot.objects.get(code="W1").state == "active"
    assert not Event.objects.filter(verb__in=["bank", "unbank"]).exists()


def test_units_lost_at_a_step_that_came_late_are_for_a_person(material: Path) -> None:
    send(start_row(), wip_row("move", "W1", 5, step="DICE", reason="x"))
    late = wip_row("track-out", "W1", 3, step="CP2", wafers="1", reason="handling")
    assert "Change the verb to loss" in only_row(send(late, name="late.wip.csv")).reason


def test_rework_needs_its_route(material: Path) -> None:
    counted_lot("N1", 10)
    file = send(
        wip_row(
            "rework-out", "N1", 9_000, route="NONE", step="X", return_step="Y", reason="contact"
        ),
        wip_row("rework-in", "N1", 9_001),
        wip_row("bin", "N1", 9_002, to_lot="N1.B", product="NONE", quantity="2", reason="speed"),
    )
    assert {row.state for row in file.rows.all()} <= {"quarantined", "waiting"}
