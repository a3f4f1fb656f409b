"""An invoice in a real browser: entered with the keyboard, looked at on a telephone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from finance.models import Invoice
from finance.services import post_events
from finance.tests.line import chip_lot, shipped, wafer_lot

pytestmark = pytest.mark.xdist_group("browser")
WIDTH = 390


@pytest.fixture
def clerk(transactional_db: None, reference: None, files_folder: Path) -> User:
    """Of finance; wafers and chips were received."""
    shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV")
    chip_lot("M1", 2)
    post_events()
    ann = User.objects.create_user("ann", is_staff=True)
    ann.groups.add(Group.objects.get(name="Finance"))
    return ann


def test_an_invoice_is_matched_and_prepared(clerk: User, sign_in: Callable[[User], Page]) -> None:
    page = sign_in(clerk)
    page.goto("/finance/received-not-invoiced")
    page.get_by_role("link", name="W1", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Number").fill("4711")
    page.get_by_label("Invoiced on").fill("2026-03-05")
    page.get_by_label("What shows it").fill("order 12")
    page.get_by_label("Lines", exact=True).fill("W1, 2, 20000")
    page.get_by_role("button", name="Match it").press("Enter")
    expect(page.get_by_text("1,000.00").first).to_be_visible()
    widths = {"tried": narrow(page)}
    page.get_by_role("button", name="Prepare it").press("Enter")
    expect(page.get_by_text("a colleague has to approve it")).to_be_visible()
    document = Invoice.objects.get()
    for address in ("received-not-invoiced", "invoices", f"invoices/{document.pk}", "invoices/new"):
        page.goto(f"/finance/{address}")
        widths[address] = narrow(page)
    assert max(widths.values()) <= WIDTH, widths


def narrow(page: Page) -> int:
    """How wide the page is on a telephone."""
    page.set_viewport_size({"width": WIDTH, "height": 844})
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width
