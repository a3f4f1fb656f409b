"""Every picture of test data: drawn, told as a table too, readable without colour, with units."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from lots.models import Lot
from operations.tests.line import Line, step
from quality.detectors.sites import SiteYield
from quality.detectors.yields import YieldBelowLimit
from quality.domain.findings import Evidence
from quality.models import Issue, Rule
from quality.services import raise_findings
from quality.tests.building import NOW, Figures, bare_lot, finding, ordinary_lots
from testing.domain.records import ParameterRecord
from testing.domain.words import Outcome, ParameterKind
from testing.models import Run
from testing.services import record_run
from testing.tests.builders import Part, Session
from tests.browser.pictures import pictures_of

pytestmark = pytest.mark.xdist_group("browser")
LAYERS = 3
BARE = """(place) => place.append(document.createElement("canvas"))"""
FACTS = {"map": [[x, y, 4, (x + y) % 5] for x in range(6) for y in range(6)], "shape": [[2, 2]]}


def run_of(lot: Lot, number: int, tester_site: int) -> Run:
    """Dies of a wafer, with three failing bins, and a test that some fail."""
    parts = [
        Part(
            place=(0, x, y),
            site=1 + (x + tester_site) % 2,
            value=0.001 * (1 + x / 9 + y / 50),
            outcome=Outcome.FAIL if x % 4 == 3 else Outcome.PASS,
            hard_bin=4 + y % 3 if x % 4 == 3 else 1,
        )
        for x in range(9)
        for y in range(9)
    ]
    session = Session(
        lot_id=lot.pk,
        step_id=step(lot.route_version.route.code, "CP1").pk,
        product_id=lot.product_id,
        wafer_ids=[lot.wafers.order_by("number")[number].pk],
        parts=parts,
        sha256=f"{number + 10:064x}",
        hours=number,
        parameters=(ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A", 3, 0.0, 0.0017),),
    )
    return record_run(session.record())


def pattern(lot: Lot) -> Issue:
    """An issue about where dies of the lot fail."""
    rule = Rule.objects.get(detector="wafer-signature")
    evidence = Evidence("places", value=1, facts=FACTS)
    return raise_findings(
        rule=rule, findings=[finding("shape", lot_id=lot.pk, evidence=evidence)], now=NOW
    )[0]


def low_site(lot: Lot) -> list[Issue]:
    """Issues about its yield and about a site that brings it down."""
    found = [
        (code, detector.judge([lot.pk], {}, NOW))
        for code, detector in (
            ("yield-below-limit", YieldBelowLimit()),
            ("site-yield", SiteYield()),
        )
    ]
    return [
        issue
        for code, findings in found
        for issue in raise_findings(
            rule=Rule.objects.get(detector=code), findings=findings, now=NOW
        )
    ]


def scanned(lot: Lot) -> Run:
    """A functional test, which has verdicts and no values."""
    parts = [
        Part(part_id=f"{n}", site=1 + n % 2, outcome=Outcome.FAIL if n % 3 else Outcome.PASS)
        for n in range(9)
    ]
    session = Session(
        lot_id=lot.pk,
        step_id=step(lot.route_version.route.code, "FT-HOT").pk,
        product_id=lot.product_id,
        parts=parts,
        sha256=f"{99:064x}",
        parameters=(ParameterRecord(900, "scan", 0, ParameterKind.FUNCTIONAL),),
    )
    return record_run(session.record())


@pytest.fixture
def addresses(line: Line) -> dict[str, int]:
    """Page → pictures on it."""
    lot = Lot.objects.get(code="W7Q3")
    runs = [run_of(lot, number, number) for number in range(LAYERS)]
    test = runs[0].revision.parameters.get()
    for hours, load in zip((0.5, 2.0, 6.0), line.burn_in.units.order_by("pk"), strict=False):
        load.chargeable_hours, load.outcome = hours, Outcome.FAIL
        load.save()
    ordinary_lots()
    low, sites = bare_lot("LOW"), {"1": (45, 50), "2": (46, 50), "3": (14, 50), "4": (45, 50)}
    Figures(passed=150, days=10, bins={"5": 50}, sites=sites).of(low)
    by_yield, by_site = low_site(low)
    board = line.burn_in.units.earliest("pk").board_id
    scan = scanned(line.chip_lot).revision.parameters.get(number=900)
    wafer = f"/wafers/{lot.wafers.earliest('number').code}"
    stack = f"/lots/{lot.code}/map"
    return {
        wafer: 1,
        f"{wafer}?layer=retest": 1,
        f"{wafer}?layer=value&test={test.pk}": 1,
        stack: 1,
        f"{stack}?layer=failed-first": 1,
        f"{stack}?layer=changed": 1,
        f"{stack}?layer=value&test={test.pk}": 1,
        f"/lots/{lot.code}": LAYERS,
        f"/runs/{runs[0].source_sha256}": 2,
        f"/explore?test={test.pk}": 4,
        f"/explore?test={test.pk}&site=1&site_b=2": 5,
        f"/explore?lots={lot.code}": 2,
        f"/explore?test={scan.pk}": 2,
        f"/explore?test={scan.pk}&site=1&site_b=2": 2,
        "/yields?weeks=0": 1,
        f"/yields?weeks=0&product={line.chip_lot.product.code}": 1,
        "/yields/dies?weeks=0&product=TRN3-DIE&step=CP1": 1,
        f"/burn-in/{line.burn_in.pk}": 4,
        f"/burn-in/equipment/{line.burn_in.oven_id}": 2,
        f"/burn-in/equipment/{board}": 1,
        "/charts?product=TRN3&step_code=FT-HOT&kind=chart-p&subject=final-yield&rules=nelson": 1,
        f"/issues/{pattern(lot).number}": 1,
        f"/issues/{by_yield.number}": 1,
        f"/issues/{by_site.number}": 1,
        "/dies?product=TRN3-DIE": 1,
        "/reliability": 3,
    }


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_every_picture_has_a_table_words_and_units_and_needs_no_colour(
    theme: str, width: int, addresses: dict[str, int], sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(User.objects.create_superuser("ada"))
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    lacking = {}
    for address, count in addresses.items():
        page.goto(address, wait_until="networkidle")
        seen = pictures_of(page)
        if seen.faults or len(seen.names) != count:
            lacking[address] = (seen.names, seen.faults)
    assert lacking == {}


def test_a_picture_without_a_table_is_found(line: Line, sign_in: Callable[[User], Page]) -> None:
    page = sign_in(User.objects.create_superuser("ada"))
    page.goto("/lots/W7Q2", wait_until="networkidle")
    page.locator(".sc-page .sc-grid").first.evaluate(BARE)
    assert pictures_of(page).faults["<canvas></canvas>"][:4] == [
        "not drawn", "no name", "no table", "no words that say what is drawn",
    ]  # fmt: skip
