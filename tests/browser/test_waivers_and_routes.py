"""Waivers and route versions by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from lots.models import RouteVersion, Waiver
from lots.services.releasing import draft_route
from lots.tests.permitting import asked, guarded_lot
from lots.tests.permitting import person as plain_person
from tests.browser.keyboard import answer, choose, submit, tab_until

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


def ask_for_waiver(page: Page, lot: str) -> None:
    """Fill in the form of a new waiver for the lot, by Tab, typing and arrows."""
    page.goto("/admin/lots/waiver/")
    tab_until(page, "a.addlink")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    choose(page, "Gate", "Results")
    choose(page, "Step", "D v2: RCV")
    tab_until(page, "[aria-labelledby=select2-id_lot-container]")
    page.keyboard.press("Enter")
    expect(page.locator(".select2-container--open .select2-search__field")).to_be_focused()
    with page.expect_response(lambda answer: f"term={lot}" in answer.url):
        page.keyboard.type(lot)
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text(lot)
    page.keyboard.press("Enter")
    expect(page.locator("#select2-id_lot-container")).to_contain_text(lot)
    answer(page, "Reason", "tester down")
    answer(page, "Quantity", "10")
    answer(page, "Valid to, date", f"{timezone.localdate() + timedelta(days=1):%d/%m/%Y}")
    answer(page, "Valid to, time", "12:00")
    submit(page, "Save", "BUTTON")


def approve_waiver(page: Page) -> None:
    """Tick the only waiver of the list and carry out its approval."""
    page.goto("/admin/lots/waiver/")
    tab_until(page, "input.action-select")
    page.keyboard.press("Space")
    tab_until(page, "select[name=action]")
    page.keyboard.type("Approve")
    submit(page, "Run", "BUTTON")
    submit(page, "Approve waivers", "BUTTON")


def test_a_waiver_is_asked_for_by_one_person_and_approved_by_another(
    reference: None, sign_in: SignIn
) -> None:
    guarded_lot("N1")
    page = sign_in(User.objects.create_superuser("ann"))
    ask_for_waiver(page, "N1")
    waiver = Waiver.objects.get()
    assert (str(waiver.lot), waiver.quantity, str(waiver.requested_by)) == ("N1", 10, "ann")
    approve_waiver(page)
    expect(page.get_by_text("Nothing was changed")).to_be_visible()
    approve_waiver(sign_in(User.objects.create_superuser("ben")))
    expect(page.get_by_text("Approve waivers: done for 1.")).to_be_visible()
    waiver.refresh_from_db()
    assert str(waiver.approved_by) == "ben"


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
