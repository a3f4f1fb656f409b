"""A revaluation in a real browser: looked at, prepared by one, approved by another."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from finance.models import Revaluation
from finance.services import prepare_revaluation
from finance.tests import line
from finance.tests.revaluing import ORDER, stock
from tests.browser.ear import Ear

pytestmark = pytest.mark.xdist_group("browser")
WIDTH = 390


@pytest.fixture
def people(
    transactional_db: None, reference: None, files_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[User, User]:
    """Of finance. There is stock at an old standard."""
    monkeypatch.setattr(line, "numbers", count(1))
    stock()
    ann, bob = (User.objects.create_user(name, is_staff=True) for name in ("ann", "bob"))
    for one in (ann, bob):
        one.groups.add(Group.objects.get(name="Finance"))
    return ann, bob


def test_stock_is_revalued_after_a_look(
    people: tuple[User, User], sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(people[0])
    ear = Ear(page)
    page.goto("/finance/revaluations")
    page.get_by_role("link", name="Revalue stock").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Standard costs").select_option("STD-NEW")
    page.get_by_label("Counts on").fill("2026-03-02")
    page.get_by_label("Reason").fill("new-standard")
    page.get_by_label("What it rests on").fill("Agreement of March")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="See what it would do").press("Enter")
    expect(page.get_by_role("img", name="TRN3-DIE, Bumped wafer: -6,090.00")).to_be_visible()
    assert not Revaluation.objects.exists()
    page.get_by_role("button", name="Prepare it").press("Enter")
    expect(page.get_by_text("so a colleague has to approve it")).to_be_visible()
    assert ear.failures() == []


def test_another_approves_on_a_telephone(
    people: tuple[User, User], sign_in: Callable[[User], Page]
) -> None:
    document = prepare_revaluation(order=ORDER, key="one", preparer=people[0])
    page = sign_in(people[1])
    ear = Ear(page)
    page.set_viewport_size({"width": WIDTH, "height": 844})
    widths = {}
    for address in ("", "/new", f"/{document.pk}"):
        page.goto(f"/finance/revaluations{address}")
        widths[address] = page.evaluate("document.documentElement.scrollWidth")
    assert max(widths.values()) <= WIDTH, widths
    page.get_by_role("button", name="Approve and post").click()
    expect(page.get_by_role("link", name="Transaction")).to_be_visible()
    document.refresh_from_db()
    assert document.approved_by == people[1]
    assert ear.failures() == []
