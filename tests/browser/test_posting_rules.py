"""Posting rules: a draft is tried on a period, and no page is wider than a telephone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from playwright.sync_api import Page, expect

from finance.models import LedgerEntry
from finance.services import post_events
from finance.tests.staging import drafted_rules, drafted_stage
from lots.domain.commands import Selection
from lots.models import Lot
from lots.services import scrap_units
from lots.tests.routing import released_route
from operations.tests.line import Line, command

pytestmark = pytest.mark.xdist_group("browser")
WIDTH = 390
DRAFT = "/finance/posting-rules/versions/RULES-2"


@pytest.fixture
def period(line: Line) -> str:
    """Of a scrap that a draft would call planned for; a stage of a step waits, too."""
    scrap_units(
        lot=Lot.objects.get(pk=line.server_lot.pk),
        selection=Selection(serials=("SRV4-0001",)),
        command=command(0.5, reason="handling"),
    )
    while post_events().events:
        pass
    drafted_rules(timezone.localdate() + timedelta(days=40), "RULES-2", handling=(True, False))
    drafted_stage(released_route("A", {"code": "NEW"}).steps.get(), "wafer")
    return str(LedgerEntry.objects.filter(account="abnormal-scrap").latest("seq").period_id)


def test_a_draft_is_tried_and_nothing_is_cut_off(
    period: str, sign_in: Callable[[User], Page]
) -> None:
    bob = User.objects.get(username="bob")
    bob.groups.add(Group.objects.get(name="Finance"))
    page = sign_in(bob)
    page.goto(DRAFT)
    page.get_by_label("Period", exact=True).select_option(period)
    page.get_by_role("button", name="Try").click()
    told = page.get_by_role("region", name="Accounts that would differ")
    expect(told).to_contain_text("Normal scrap")
    page.set_viewport_size({"width": WIDTH, "height": 844})
    widths = {}
    for address in (page.url, "/finance/posting-rules", "/finance/posting-table"):
        page.goto(address)
        expect(page.get_by_role("heading", level=2).first).to_be_visible()
        widths[address] = page.evaluate("document.documentElement.scrollWidth")
    assert set(widths.values()) == {WIDTH}, widths
