"""The limit editor in a real browser: from history to a draft, on a screen and on a telephone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from quality.tests.building import Figures, bare_lot, ordinary_lots

pytestmark = pytest.mark.xdist_group("browser")
WIDTH = 390


@pytest.fixture
def engineer(transactional_db: None, reference: None, files_folder: Path) -> User:
    ordinary_lots()
    Figures(passed=150, days=10, bins={"5": 50}).of(bare_lot("LOW"))
    user = User.objects.create_user("engineer")
    user.groups.add(Group.objects.get(name="Test engineer"))
    return user


def test_a_lot_is_left_out_and_the_limit_is_prepared(
    engineer: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(engineer)
    page.goto("/limits/new")
    page.get_by_label("Product").select_option("TRN3")
    page.get_by_label("Step").fill("FT-HOT")
    page.get_by_role("button", name="Compute and show").click()
    page.get_by_label("Why LOW is left out").fill("oven fault")
    page.get_by_role("button", name="Compute and show").click()
    expect(page.get_by_role("heading", name="Would have held 1 of the last 9 lots")).to_be_visible()
    page.get_by_role("textbox", name="Reason", exact=True).fill("first year")
    page.get_by_role("button", name="Prepare").click()
    expect(page.get_by_text("oven fault")).to_be_visible()
    expect(page.get_by_role("heading", name="Versions of this limit")).to_be_visible()
    page.set_viewport_size({"width": WIDTH, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= WIDTH
