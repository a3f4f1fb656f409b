"""Whole journeys by Tab, Enter, Space, arrows and typing alone, to what stands in the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from intake.models import FeedRow, RawFile
from intake.services import drain
from intake.tests.handing import loaded, start_row, wip, wip_row
from lots.domain.commands import Selection
from lots.models import Genealogy, Hold, Lot, Unit
from lots.services import release_hold, split_lot
from operations.models import BulkItem, BulkJob, RecallCase
from operations.services.bulk_work import work_owed
from operations.tests.line import Line, command
from quality.models import Issue
from tests.browser.keyboard import answer, choose, focused, give_file, press, submit, tab_to, tick

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def bad_row(line: Line) -> FeedRow:
    """A row that is quarantined, since its step is on no route."""
    file = loaded(wip(start_row(), wip_row("move", "W1", 1, step="NOWHERE")), "a.wip.csv")
    return file.rows.get(state="quarantined")


@pytest.mark.parametrize("address", ["/issues", "/admin/lots/lot/"])
def test_the_first_tab_skips_the_menu(address: str, somebody: Page) -> None:
    somebody.goto(address)
    somebody.keyboard.press("Tab")
    assert focused(somebody)["name"] == "Skip to the page"
    somebody.keyboard.press("Enter")
    expect(somebody.get_by_role("main")).to_be_focused()
    somebody.keyboard.press("Tab")
    assert somebody.evaluate("document.activeElement.closest('[role=main]') !== null")


def test_a_file_is_uploaded(somebody: Page, tmp_path: Path) -> None:
    path = tmp_path / "odm.wip.csv"
    path.write_bytes(wip(start_row("W9")))
    somebody.goto("/upload")
    tick(somebody, "Unknown lots become engineering lots")
    give_file(somebody, "Files", path)
    expect(somebody.get_by_role("row", name="odm.wip.csv")).to_contain_text("Received")
    drain()
    expect(somebody.get_by_role("row", name="odm.wip.csv")).to_contain_text("Loaded")
    submit(somebody, "odm.wip.csv", "A")
    expect(somebody.get_by_role("heading", name="Arrivals")).to_be_visible()
    assert RawFile.objects.get().creates_lots
    assert Lot.objects.filter(code="W9").exists()


def test_a_report_is_looked_at_and_taken_in(somebody: Page, tmp_path: Path) -> None:
    path = tmp_path / "odm.wip.csv"
    path.write_bytes(wip(start_row("W9"), wip_row("move", "W9", 1, step="NOWHERE")))
    somebody.goto("/upload/preview")
    give_file(somebody, "Report", path)
    somebody.wait_for_function("document.activeElement.files.length === 1")
    submit(somebody, "See what it would do", "BUTTON")
    expect(somebody.get_by_role("heading", name="What odm.wip.csv would do")).to_be_visible()
    assert not RawFile.objects.exists()
    assert not Lot.objects.filter(code="W9").exists()
    submit(somebody, "Take it in", "BUTTON")
    drain()
    assert Lot.objects.filter(code="W9").exists()
    assert set(FeedRow.objects.values_list("state", flat=True)) == {"applied", "quarantined"}


def test_a_quarantined_row_is_repaired(bad_row: FeedRow, somebody: Page) -> None:
    somebody.goto(f"/files/{bad_row.file.sha256}")
    submit(somebody, "3", "A")
    answer(somebody, "step", "CP2")
    submit(somebody, "Repair and try again", "BUTTON")
    expect(somebody.get_by_text("Row 3 was repaired")).to_be_visible()
    drain()
    bad_row.refresh_from_db()
    assert (bad_row.state, bad_row.content["step"]) == ("applied", "CP2")
    assert Lot.objects.get(code="W1").step.code == "CP2"


def test_a_row_is_tried_again_and_then_dropped(bad_row: FeedRow, somebody: Page) -> None:
    somebody.goto(f"/files/{bad_row.file.sha256}")
    tick(somebody, "Row 3")
    submit(somebody, "Try again", "BUTTON")
    submit(somebody, "Try rows again", "BUTTON")
    bad_row.refresh_from_db()
    assert bad_row.state == "waiting"
    drain()
    somebody.reload()
    tick(somebody, "Row 3")
    submit(somebody, "Drop", "BUTTON")
    answer(somebody, "Why", "Sent in error")
    submit(somebody, "Drop rows", "BUTTON")
    bad_row.refresh_from_db()
    assert (bad_row.state, bad_row.reason) == ("dropped", "Dropped by ada: Sent in error")


def test_a_recall_is_opened_from_its_list_and_followed_to_zero(somebody: Page) -> None:
    somebody.goto("/recalls")
    submit(somebody, "New recall", "A")
    submit(somebody, "Wafer", "A")
    answer(somebody, "Wafers", "W7Q1-01")
    answer(somebody, "Title", "Edge ring")
    answer(somebody, "Reason", "field returns")
    submit(somebody, "See what it reaches", "BUTTON")
    submit(somebody, "Open the case", "BUTTON")
    expect(somebody).to_have_url("/recalls/R-1")
    case = RecallCase.objects.get()
    listed = case.items.count()
    assert listed > 1
    tick(somebody, "Pick ")
    answer(somebody, "Reason", "retested")
    submit(somebody, "Settle", "BUTTON")
    assert case.items.filter(settlement="retested").count() == 1
    choose(somebody, "Scope", "All that are shown")
    answer(somebody, "Reason", "scrapped")
    submit(somebody, "Settle", "BUTTON")
    assert case.items.filter(settlement="scrapped").count() == listed - 1
    answer(somebody, "Conclusion", "Nothing failed")
    submit(somebody, "Close", "BUTTON")
    case.refresh_from_db()
    assert (case.state, case.conclusion) == ("closed", "Nothing failed")


def test_an_issue_is_taken_talked_about_and_resolved(somebody: Page) -> None:
    somebody.goto("/issues")
    submit(somebody, "Q-000001", "A")
    submit(somebody, "Assign to me", "BUTTON")
    issue = Issue.objects.get(number="Q-000001")
    assert str(issue.owner) == "ada"
    answer(somebody, "Note", "Looks like the probe card")
    submit(somebody, "Comment", "BUTTON")
    assert issue.events.filter(note="Looks like the probe card").exists()
    submit(somebody, "Resolve", "A")
    answer(somebody, "What was done", "Probe card replaced")
    submit(somebody, "Resolve", "BUTTON")
    issue.refresh_from_db()
    assert issue.state == "resolved"


def worked(page: Page) -> None:
    """As a worker does it, until the page has noticed; the focus is then on what can be done."""
    while work_owed(now=timezone.now()):
        pass
    expect(page.locator("[data-job]")).to_have_count(0)
    expect(page.get_by_role("region", name="What now")).to_be_focused()


def test_ticked_lots_go_through_a_job_with_a_retry(somebody: Page) -> None:
    somebody.goto("/admin/lots/lot/?q=W7Q")
    for code in ("W7Q3", "W7Q2"):
        tick(somebody, f"Pick {code}")
    choose(somebody, "Do", "Track out")
    submit(somebody, "with the ticked lots", "BUTTON")
    submit(somebody, "See what would change", "BUTTON")
    expect(somebody.get_by_role("progressbar", name="Lots looked at")).to_be_visible()
    worked(somebody)
    expect(somebody.get_by_text("Edge ring at CP1").first).to_be_visible()
    assert Lot.objects.get(code="W7Q3").step.code == "START"
    submit(somebody, "Track out 1 lot", "BUTTON")
    worked(somebody)
    assert Lot.objects.get(code="W7Q3").step.code == "FAB"
    hold = Hold.objects.get(lot__code="W7Q2")
    release_hold(hold=hold, disposition="use as is", command=command(0))
    submit(somebody, "Retry 1 failed", "BUTTON")
    while work_owed(now=timezone.now()):
        pass
    expect(somebody.locator("[data-done]")).to_have_text("2")
    assert set(BulkItem.objects.values_list("state", flat=True)) == {"done"}
    assert BulkJob.objects.get().state == "done"


def test_lots_are_merged(somebody: Page) -> None:
    part = Selection(wafers=(1, 2, 3))
    lot = Lot.objects.get(code="W7Q3")
    split_lot(lot=lot, child_code="W7Q3.1", selection=part, command=command(0))
    somebody.goto("/lots/W7Q3")
    press(somebody, "More", "SUMMARY")
    submit(somebody, "Merge", "A")
    answer(somebody, "Lots that go into this one", "W7Q3.1")
    submit(somebody, "See what would change", "BUTTON")
    assert Lot.objects.get(code="W7Q3").quantity == 22
    submit(somebody, "Merge", "BUTTON")
    expect(somebody.get_by_text("Merged: W7Q3.")).to_be_visible()
    assert Lot.objects.get(code="W7Q3").quantity == 25


def test_a_new_lot_is_received(somebody: Page) -> None:
    somebody.goto("/lots/do/receive")
    answer(somebody, "Lot code", "W8")
    choose(somebody, "Kind of lot", "Wafer")
    choose(somebody, "Product", "TRN3-DIE")
    choose(somebody, "On route, at step", "A v1: RCV")
    choose(somebody, "Who has it", "OSAT1")
    choose(somebody, "Counted in", "Wafer")
    answer(somebody, "Wafers", "1-3")
    submit(somebody, "See what would change", "BUTTON")
    assert not Lot.objects.filter(code="W8").exists()
    submit(somebody, "Receive", "BUTTON")
    expect(somebody).to_have_url("/lots/W8")
    assert Lot.objects.get(code="W8").quantity == 3


def test_a_part_is_swapped(somebody: Page) -> None:
    chip = Unit.objects.filter(lot__code="AQ17", state="good", parent_edges=None).latest("id")
    somebody.goto("/units/SRV4-0000")
    submit(somebody, "Swap a part", "A")
    choose(somebody, "Part to take out", "C1")
    answer(somebody, "Serial of the part to put in", chip.serial)
    answer(somebody, "Lot for the part taken out", "RMA-1")
    submit(somebody, "See what would change", "BUTTON")
    submit(somebody, "Swap a part", "BUTTON")
    expect(somebody.get_by_text(f"{chip.serial} is at C1 now.")).to_be_visible()
    edge = Genealogy.objects.get(parent__serial="SRV4-0000", position="C1", valid_to=None)
    assert edge.child == chip
    assert Unit.objects.get(serial="T3-26-00001").lot == Lot.objects.get(code="RMA-1")


def test_from_the_sites_to_what_is_in_a_slot(somebody: Page) -> None:
    somebody.goto("/sites")
    submit(somebody, "PDX1", "A")
    submit(somebody, "RK-0007", "A")
    expect(somebody).to_have_url("/racks/RK-0007")
    tab_to(somebody, "Slot 2, TRN3-SRV4 SRV4-0001")
    expect(somebody.get_by_role("link", name="Slot 2")).to_be_focused()
    with somebody.expect_navigation():
        somebody.keyboard.press("Enter")
    expect(somebody).to_have_url("/units/SRV4-0001")
    somebody.keyboard.press("Shift+Tab")
    assert focused(somebody)["tag"]
