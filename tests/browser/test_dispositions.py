"""From a fresh alarm to a lot on hold, decided on and signed for, by two people."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from time import monotonic

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Locator, Page, expect

from lots.models import Lot
from operations.tests.line import Line
from tests.browser.test_keyboard import faults

pytestmark = pytest.mark.xdist_group("browser")

SignIn = Callable[[User], Page]


def person(role: str) -> User:
    user = User.objects.create_user(role.lower(), password="a long test password", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def press(place: Locator) -> None:
    """By keyboard."""
    place.focus()
    place.press("Enter")


def propose_scrap(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Q-000001").click()
    press(page.get_by_role("link", name="Hold lot W7Q2"))
    expect(page.get_by_label("Reason", exact=True)).to_have_value(
        re.compile("Q-000001 Final yield")
    )
    press(page.get_by_role("button", name="See what would change"))
    press(page.get_by_role("button", name="Hold", exact=True))
    press(page.get_by_role("link", name="Scrap lot W7Q2"))
    page.get_by_label("Only wafers").fill("1")
    page.get_by_label("Reason", exact=True).fill("Edge ring reaches the middle")
    press(page.get_by_role("button", name="See what would change"))
    expect(page.get_by_role("row", name="Lot W7Q2 Quantity")).to_be_visible()
    expect(page.get_by_text("To be signed before by: Quality")).to_be_visible()
    assert faults(page) == []
    press(page.get_by_role("button", name="Propose"))
    expect(page.get_by_text("It waits for signatures.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign D-")).to_have_count(0)
    assert faults(page) == []


def sign_and_carry_out(page: Page) -> None:
    page.goto("/")
    waiting = page.locator(".sc-figure", has_text="Waiting for my signature")
    press(waiting.get_by_role("link", name="1"))
    assert faults(page) == []
    press(page.get_by_role("link", name=re.compile("^D-")))
    assert faults(page) == []
    page.get_by_label("Note").fill("Seen the map")
    press(page.get_by_role("button", name="Sign", exact=True))
    expect(page.get_by_text("Signed: D-")).to_be_visible()
    press(page.get_by_role("link", name="Carry out D-"))
    press(page.get_by_role("button", name="Carry out"))
    expect(page.get_by_text("Carried out: D-")).to_be_visible()


def test_from_alarm_to_held_lot_with_disposition_and_sign_off(
    line: Line, sign_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    started = monotonic()
    propose_scrap(sign_in(person("Operator")))
    page = sign_in(person("Quality"))
    sign_and_carry_out(page)
    with capsys.disabled():
        sys.stdout.write(f"From alarm to sign-off, two people: {monotonic() - started:.1f} s\n")
    lot = Lot.objects.get(code="W7Q2")
    assert lot.quantity == 2
    assert lot.holds.filter(released_at=None, reason__startswith="Q-000001").count() == 1
    expect(page.get_by_text("Seen the map").first).to_be_visible()
    page.goto("/lots/W7Q2")
    expect(page.get_by_text("Edge ring reaches the middle").first).to_be_visible()
