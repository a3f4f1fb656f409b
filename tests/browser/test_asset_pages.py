"""Pages of assets on a telephone: whatever is wide scrolls within its panel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from playwright.sync_api import Page, expect

from finance.selectors.asset_plans import plan_table
from finance.services import approve_asset_plan, import_asset_plan, post_events
from lots.domain.commands import Selection
from lots.models import Lot
from lots.services import move_lot, scrap_units
from operations.tests.line import Line, command, step

pytestmark = pytest.mark.xdist_group("browser")
WIDTH = 390
ADDRESSES = (
    "/finance/assets",
    "/finance/assets?state=retired",
    "/finance/assets?as_of_seq=1",
    "/finance/assets/SRV4-0000",
    "/finance/asset-plan",
    "/finance/asset-plans",
    "/finance/asset-plans/import",
    "/finance/asset-plans/versions/PLAN-1",
)


@pytest.fixture
def ann(line: Line) -> User:
    """Of Finance; one server is in service, another was retired, and a plan is in force."""
    for code in ["RACK", "LEAK", "RSOAK", "SHIP", "PLACE", "LOOP", "CLUSTER", "SSOAK", "ACCEPT"]:
        lot = Lot.objects.get(pk=line.server_lot.pk)
        move_lot(lot=lot, to_step=step("E", code), command=command(1))
    scrap_units(
        lot=Lot.objects.get(pk=line.server_lot.pk),
        selection=Selection(serials=("SRV4-0001",)),
        command=command(0.5, reason="end-of-life"),
    )
    while post_events().events:
        pass
    people = [User.objects.create_user(name) for name in ("ann", "bob")]
    for person in people:
        person.groups.add(Group.objects.get(name="Finance"))
    year = timezone.localdate().year
    rows = [f"TRN3-SRV4,{year}-{month:02},{month % 3},27000" for month in range(1, 13)]
    plan = import_asset_plan(
        code="PLAN-1",
        effective_on=date(2024, 1, 1),
        table=plan_table("\n".join(["item,month,quantity,unit_cost", *rows])),
        preparer=people[0],
    )
    approve_asset_plan(plan=plan, approver=people[1])
    return people[0]


def test_no_page_of_assets_is_wider_than_a_telephone(
    ann: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(ann)
    page.set_viewport_size({"width": WIDTH, "height": 844})
    widths = {}
    for address in ADDRESSES:
        page.goto(address)
        expect(page.get_by_role("heading", level=2).first).to_be_visible()
        widths[address] = page.evaluate("document.documentElement.scrollWidth")
    assert set(widths.values()) == {WIDTH}, widths
