"""Waivers and route versions by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from lots.models import RouteVersion, Waiver
from lots.services.releasing import draft_route
from lots.tests.permitting import asked, guarded_lot
from lots.tests.permitting import person as plain_person

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]

SignIn = Callable[[User], Page]


def pressed(place: Locator, *keys: str) -> None:
    place.focus()
    for key in keys:
        place.press(key)


def test_a_waiver_is_approved_by_keyboard(reference: None, sign_in: SignIn) -> None:
    asked(guarded_lot())
    page = sign_in(User.objects.create_superuser("ada"))
    page.goto("/admin/lots/waiver/")
    pressed(page.locator("input.action-select"), "Space")
    page.locator("select[name=action]").select_option("approve")
    pressed(page.get_by_role("button", name="Run"), "Enter")
    expect(page.get_by_text("Your name stands under it")).to_be_visible()
    pressed(page.get_by_role("button", name="Approve waivers"), "Enter")
    expect(page.get_by_text("Approve waivers: done for 1.")).to_be_visible()
    assert str(Waiver.objects.get().approved_by) == "ada"


def test_two_route_versions_are_compared_by_keyboard(reference: None, sign_in: SignIn) -> None:
    first = RouteVersion.objects.get(route__code="A")
    draft = draft_route(version=first, actor=plain_person("ann"))
    draft.steps.filter(code="CP1").update(gate_mode="stop")
    page = sign_in(User.objects.create_superuser("ada"))
    page.goto("/admin/lots/routeversion/")
    pressed(page.get_by_role("link", name="Compare with v1"), "Enter")
    expect(page.get_by_text("1 differs.")).to_be_visible()
    pressed(page.get_by_role("link", name="Show only what differs"), "Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody").get_by_text("Changed")).to_be_visible()
