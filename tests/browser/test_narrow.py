"""Pages of test data on a telephone: whatever is wide scrolls within its panel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page

from operations.tests.line import Line, step
from testing.domain.records import ParameterRecord
from testing.domain.words import ParameterKind
from testing.services import record_run
from testing.tests.builders import Part, Session

pytestmark = pytest.mark.xdist_group("browser")
WIDTH = 390


@pytest.fixture
def addresses(line: Line) -> list[str]:
    """Of a run with weak tests, which have words for screen readers alone in far columns."""
    lot = line.wafer_lot
    parts = [Part(place=(0, x, 1), site=1 + x % 2, value=x % 2 + 0.01 * x) for x in range(1, 21)]
    limits = (0.0, 1.5)
    session = Session(
        lot_id=lot.pk,
        step_id=step(lot.route_version.route.code, "CP1").pk,
        product_id=lot.product_id,
        wafer_ids=[lot.wafers.earliest("number").pk],
        parts=parts,
        parameters=(ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A", 3, *limits),),
    )
    run = record_run(session.record())
    return [
        f"/runs/{run.source_sha256}",
        f"/explore?test={run.revision.parameters.get().pk}",
        f"/programs/{run.revision_id}",
        f"/burn-in/{line.burn_in.pk}",
        f"/burn-in/equipment/{line.burn_in.oven_id}",
        f"/lots/{lot.code}/results",
        "/files/rules/try",
        "/dies",
        "/reliability",
    ]


def test_no_page_of_test_data_is_wider_than_a_telephone(
    addresses: list[str], sign_in: Callable[[User], Page]
) -> None:
    user = User.objects.create_user("engineer", password="a long test password", is_staff=True)
    user.groups.add(Group.objects.get(name="Test engineer"))
    page = sign_in(user)
    page.set_viewport_size({"width": WIDTH, "height": 844})
    widths = {}
    for address in addresses:
        page.goto(address)
        widths[address] = page.evaluate("document.documentElement.scrollWidth")
    assert {address: width for address, width in widths.items() if width > WIDTH} == {}
