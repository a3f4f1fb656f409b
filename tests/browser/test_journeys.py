"""What people do in a day, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from operations.tests.line import Line

pytestmark = pytest.mark.xdist_group("browser")

SignIn = Callable[[User], Page]


def person(role: str) -> User:
    user = User.objects.create_user(role.lower(), password="a long test password", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def test_from_the_sign_in_to_a_wafer_map(line: Line, page: Page) -> None:
    person("Quality")
    page.goto("/")
    page.get_by_label("Username").fill("quality")
    page.get_by_label("Password").fill("a long test password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Open issues")).to_be_visible()
    page.get_by_role("link", name="W7Q2").first.click()
    expect(page.get_by_role("heading", name="Traveller")).to_be_visible()
    page.get_by_role("link", name="Map of wafer W7Q2-02").click()
    expect(page.get_by_role("img", name="Map of W7Q2-02")).to_be_visible()
    expect(page.locator("[data-legend]")).to_contain_text("Bin 1, good")


def test_an_issue_is_taken_and_resolved(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Quality"))
    page.goto("/issues")
    page.get_by_role("link", name="Q-000001").click()
    page.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_text("assign to me is done")).to_be_visible()
    page.get_by_role("link", name="Resolve").click()
    page.get_by_label("What was done").fill("Probe card replaced.")
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("Probe card replaced.").first).to_be_visible()
    page.goto("/issues")
    expect(page.get_by_role("link", name="Q-000001")).to_have_count(0)


def test_picked_issues_are_acknowledged_together(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Quality"))
    page.goto("/issues")
    page.get_by_label("Pick Q-000001").check()
    page.get_by_label("Pick Q-000002").check()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("heading", name="2 issues")).to_be_visible()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("Acknowledge: done for 2 issues.")).to_be_visible()


def test_a_lot_is_moved_after_a_look_at_what_changes(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.goto("/lots/W7Q3")
    page.get_by_role("link", name="Move").click()
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("row", name="Lot W7Q3 Step START FAB")).to_be_visible()
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_text("Moved: W7Q3.")).to_be_visible()
    expect(page.get_by_text("START → FAB")).to_be_visible()


def test_a_file_is_uploaded_and_shows_how_far_it_is(
    line: Line, sign_in: SignIn, tmp_path: Path
) -> None:
    path = tmp_path / "note.txt"
    path.write_text("no report")
    page = sign_in(person("Operator"))
    page.goto("/upload")
    page.get_by_label("Files", exact=True).set_input_files(path)
    row = page.get_by_role("row", name=re.compile("note.txt"))
    expect(row).to_contain_text("Received")
    page.get_by_label("Files", exact=True).set_input_files(path)
    expect(page.get_by_role("row", name=re.compile("note.txt")).nth(1)).to_contain_text("Duplicate")
    row.first.get_by_role("link", name="note.txt").click()
    expect(page.get_by_role("heading", name="Arrivals")).to_be_visible()


def test_a_scanned_serial_leads_from_slot_to_wafer_and_back(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.goto("/")
    page.get_by_role("searchbox").first.fill("T3-26-00001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="From rack slot to wafer position")).to_be_visible()
    page.get_by_role("link", name="RK-0007, 1").click()
    page.get_by_role("link", name="Slot 1, TRN3-SRV4 SRV4-0000").click()
    page.locator("summary").first.click()
    die = page.locator("details[open] ul a").first
    serial = die.inner_text()
    die.click()
    expect(page.get_by_role("heading", name=serial).first).to_be_visible()
    expect(page.get_by_role("link", name="RK-0007, 1")).to_be_visible()


def test_the_traveller_opens_where_the_lot_is(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/lots/AQ17")
    expect(page.locator(".sc-traveller .sc-here")).to_be_in_viewport()


def test_a_role_without_the_right_is_refused_plainly(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Auditor"))
    page.goto("/lots/W7Q3")
    expect(page.get_by_role("link", name="Move")).to_have_count(0)
    page.on("console", lambda _: None)
    answer = page.request.get("/lots/W7Q3/do/move")
    assert answer.status == 403
    assert "Your role does not allow this" in answer.text()


@pytest.mark.parametrize("address", ["/", "/lots/W7Q2", "/issues", "/racks/RK-0007", "/upload"])
def test_a_page_fits_a_telephone(address: str, line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Quality" if address != "/upload" else "Operator"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
