"""What finance draws, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from finance.selectors.rollups import assumption_table
from finance.services.rollups import prepare_roll_up
from finance.tests.test_rollup_service import CHIP, DIE, HEAD

pytestmark = pytest.mark.xdist_group("browser")

SignIn = Callable[[User], Page]


@pytest.fixture
def ann(transactional_db: None, reference: None) -> User:
    user = User.objects.create_user("ann")
    user.groups.add(Group.objects.get(name="Finance"))
    return user


def test_an_assumption_is_tried_and_kept(ann: User, sign_in: SignIn) -> None:
    prepare_roll_up(
        code="STD-R",
        effective_on=date(2027, 1, 1),
        table=assumption_table(HEAD + DIE + CHIP),
        preparer=ann,
    )
    page = sign_in(ann)
    page.goto("/finance/costs/versions/STD-R/roll-up")
    expect(page.locator("[data-picture='built'][data-drawn='true'] canvas")).to_be_visible()
    page.get_by_role("link", name="Try another value on line 5").click()
    page.get_by_label("New value").fill("1")
    page.get_by_role("button", name="See what moves").click()
    expect(page.get_by_role("region", name="Costs that would move")).to_contain_text("-350.00")
    page.get_by_role("button", name="Keep it in STD-R").click()
    expect(page.locator("#rows-built")).to_contain_text("2,350.00")
