"""The close cockpit in a real browser: a month is looked at and closed with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from finance.models import Period
from finance.services import post_events, soft_close_period
from finance.tests.line import wafer_lot
from tests.browser.ear import Ear

pytestmark = pytest.mark.xdist_group("browser")
WIDTH = 390


@pytest.fixture
def approver(transactional_db: None, reference: None, files_folder: Path) -> User:
    """Of finance; somebody else prepared March."""
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    wafer_lot("W1", 2, at=datetime(2026, 3, 5, 12, tzinfo=UTC), step="BUMP")
    post_events()
    ann, bob = (User.objects.create_user(name, is_staff=True) for name in ("ann", "bob"))
    bob.groups.add(Group.objects.get(name="Finance"))
    soft_close_period(period=Period.objects.get(code="2026-03"), preparer=ann)
    return bob


def test_a_month_is_closed_after_a_look(approver: User, sign_in: Callable[[User], Page]) -> None:
    page = sign_in(approver)
    ear = Ear(page)
    page.goto("/finance/periods")
    page.get_by_role("link", name="March").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Close the period").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("39,000.00").first).to_be_visible()
    page.get_by_role("button", name="Close the period").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("In force")).to_be_visible()
    page.set_viewport_size({"width": WIDTH, "height": 844})
    widths = {}
    for address in ("", "/2026-03", "/2026-03/versions/1", "/2026-03/do/restate"):
        page.goto(f"/finance/periods{address}")
        widths[address] = page.evaluate("document.documentElement.scrollWidth")
    assert max(widths.values()) <= WIDTH, widths
    assert ear.failures() == []
