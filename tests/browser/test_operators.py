"""What operators do in a shift: scan, track, hold in bulk, print, decide; by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from playwright.sync_api import Page, expect

from lots.models import Lot
from operations.models import BulkItem
from operations.services.bulk_work import work_owed
from operations.tests.line import Line, engineering_lot

pytestmark = pytest.mark.xdist_group("browser")

SignIn = Callable[[User], Page]


@pytest.fixture
def line(line: Line) -> Line:
    engineering_lot("ENG1")
    return line


def person(role: str) -> User:
    user = User.objects.create_user(role.lower(), password="a long test password", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def scan(page: Page, code: str) -> None:
    """As a keyboard-wedge scanner types it, into the box that waits for it."""
    expect(page.locator("[data-scan]:focus")).to_have_count(1)
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_a_scan_from_any_page_opens_what_is_scanned(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.goto("/issues")
    page.keyboard.press("/")
    scan(page, "]C110W7Q3")
    expect(page.get_by_role("heading", name="W7Q3").first).to_be_visible()
    page.keyboard.press("F2")
    scan(page, "RK-0007")
    expect(page).to_have_url("/racks/RK-0007")


def test_an_unknown_code_is_said_and_the_next_scan_works(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.goto("/scan")
    scan(page, "NOPE")
    expect(page.get_by_role("alert")).to_contain_text("Nothing here is called NOPE")
    scan(page, "AQ17")
    expect(page).to_have_url("/lots/AQ17")


def test_lots_are_tracked_by_scanner_alone(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.goto("/scan/track")
    scan(page, "UF3000-2")
    expect(page.get_by_label("Equipment", exact=True)).to_have_value("UF3000-2")
    scan(page, "ENG1")
    expect(page.get_by_text("ENG1 tracked in at ENG.")).to_be_visible()
    scan(page, "W7Q3")
    expect(page.get_by_text("W7Q3 tracked out of START.")).to_be_visible()
    scan(page, "W7Q2")
    expect(page.get_by_role("alert")).to_contain_text("Edge ring at CP1")
    expect(page.locator("#code")).to_be_focused()


def test_a_lot_is_tracked_out_with_scrap_by_keyboard_alone(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.goto("/lots/W7Q3/do/track-out")
    page.get_by_label("Wafers not good").first.focus()
    page.keyboard.type("W02..W03")
    page.keyboard.press("Tab")
    page.keyboard.type("Wafer broken")
    page.get_by_label("Good, as counted").focus()
    page.keyboard.type("23")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="Lot W7Q3 Quantity 25 wafers 23 wafers")).to_be_visible()
    page.get_by_role("button", name="Track out").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tracked out: W7Q3.")).to_be_visible()


def test_the_menu_of_acts_opens_by_keyboard(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.goto("/lots/W7Q3")
    page.locator("summary", has_text="More").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Split").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url("/lots/W7Q3/do/split")


def test_lots_are_held_in_bulk_with_one_refusal_and_a_retry(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.goto("/admin/lots/lot/?q=W7Q")
    page.get_by_label("Do", exact=True).select_option("track-out")
    page.get_by_role("button", name="with all of this filter").click()
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("heading", name="Track out 3 lots").first).to_be_visible()
    while work_owed(now=timezone.now()):
        pass
    expect(page.get_by_role("heading", name="Refused")).to_be_visible()
    expect(page.get_by_text("The one refused is left out.")).to_be_visible()
    page.get_by_role("button", name="Track out 2 lots").click()
    while work_owed(now=timezone.now()):
        pass
    retry = page.get_by_role("button", name="Retry 1 failed")
    expect(retry).to_be_visible()
    retry.click()
    while work_owed(now=timezone.now()):
        pass
    expect(retry).to_be_visible()
    assert BulkItem.objects.get(state="failed").attempt == 2
    assert Lot.objects.get(code="W7Q3").step.code == "FAB"


@pytest.mark.parametrize(("paper", "box"), [("a4", b"594.9"), ("letter", b"612")])
def test_the_traveller_prints_on_its_paper(
    paper: str, box: bytes, line: Line, sign_in: SignIn
) -> None:
    page = sign_in(person("Operator"))
    page.goto(f"/lots/W7Q1/traveller?paper={paper}")
    expect(page.get_by_role("img", name="Code 128 of W7Q1")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("img", name="Data Matrix of W7Q1")).to_be_visible()
    printed = page.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 " + box in printed


def test_a_hold_is_released_from_the_board(line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Quality"))
    page.goto("/holds")
    expect(page.get_by_role("row", name="Edge ring at CP1")).to_contain_text("Quality, nobody")
    page.get_by_label("Pick the hold of W7Q2").check()
    page.get_by_role("button", name="Release").click()
    page.get_by_label("Disposition of all of them").fill("use as is")
    page.get_by_role("button", name="See what would change").click()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("Released: W7Q2.")).to_be_visible()
    expect(page.get_by_text("No open hold fits")).to_be_visible()


@pytest.mark.parametrize(
    "address",
    ["/scan", "/scan/track", "/holds", "/jobs", "/lots/W7Q3/do/track-out", "/lots/W7Q1/traveller"],
)
def test_a_page_of_operators_fits_a_telephone(address: str, line: Line, sign_in: SignIn) -> None:
    page = sign_in(person("Operator"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
