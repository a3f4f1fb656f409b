"""A control chart in a real browser: signals by chosen rules, on a screen and on a telephone."""

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


def test_a_low_lot_signals_and_its_limits_are_prepared_from_there(
    engineer: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(engineer)
    page.goto("/charts")
    page.get_by_label("Product").select_option("TRN3")
    page.get_by_label("Step, as CP1").fill("FT-HOT")
    page.get_by_label("Chart (optional)").select_option("chart-p")
    page.get_by_label("Rules (optional)").select_option("nelson")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Trial limits")).to_be_visible()
    expect(page.get_by_role("cell", name="1: 1 point beyond 3 sigma").first).to_be_visible()
    page.set_viewport_size({"width": WIDTH, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    page.get_by_role("link", name="Prepare its limits").click()
    expect(page.get_by_text("signalled at 1 of the last 9 lots")).to_be_visible()
