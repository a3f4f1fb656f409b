"""The yield explorer in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from operations.tests.line import Line
from quality.models import YieldBook, YieldPart

pytestmark = pytest.mark.xdist_group("browser")

SignIn = Callable[[User], Page]


@pytest.fixture
def book(line: Line) -> YieldBook:
    wafers = YieldPart.objects.filter(slice="wafer").values("lot_step")
    found = YieldBook.objects.filter(lot_step__in=wafers, is_counted=True).first()
    assert found is not None
    return found


def test_from_the_line_to_a_die_map(book: YieldBook, sign_in: SignIn) -> None:
    user = User.objects.create_user("yield-reader")
    user.groups.add(Group.objects.get(name="Quality"))
    page = sign_in(user)
    page.goto("/yields?weeks=0")
    for name in (book.product.code, book.step_code, str(book.week), book.lot_step.lot.code):
        expect(page.locator("[data-picture='level'][data-drawn='true']")).to_be_visible()
        page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name="What it rests on")).to_be_visible()
    page.locator("table a[href^='/wafers/']").first.click()
    expect(page.locator("[data-map] canvas[role='img']")).to_be_visible()
