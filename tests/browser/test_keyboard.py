"""Every page of lot execution by keyboard alone, and fit for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from lots.models import Event, Hold, Lot
from lots.tests.making import hold
from operations.models import RecallCase
from operations.services.lot_acts import LOT_ACTS
from operations.tests.line import Line, engineering_lot
from tests.browser.keyboard import answer, press, submit, tab_to, walk

pytestmark = pytest.mark.xdist_group("browser")

SignIn = Callable[[User], Page]

PAGES = [
    "/",
    "/find?q=W7",
    "/scan",
    "/scan/track",
    "/holds",
    "/jobs",
    "/jobs/new?verb=hold&scope=filter",
    "/lots/do/receive",
    "/lots/then?as_of_seq=5",
    "/lots/W7Q1",
    "/lots/W7Q1/then?as_of_seq=5",
    "/lots/W7Q1/traveller",
    "/wafers/W7Q1-01",
    "/lots/W7Q1/map",
    "/explore",
    "/units/T3-26-00003",
    "/units/T3-26-00003/genealogy",
    "/lots/AQ17/genealogy",
    "/wafers/W7Q1-01/genealogy",
    "/units/SRV4-0000/do/swap",
    "/recalls",
    "/recalls/new?origin=lot",
    "/recalls/new?origin=zone",
    "/recalls/new?origin=tester",
    "/upload",
    "/files/expected",
    "/sites",
    "/racks/RK-0007",
    "/issues",
    "/issues/Q-000001",
    "/issues/Q-000001/merge",
    "/dies",
    "/reliability",
]
ACTS = [f"/lots/W7Q3/do/{verb}" for verb in LOT_ACTS]
SERIOUS = {"serious", "critical"}


@pytest.fixture
def line(line: Line) -> Line:
    engineering_lot("ENG1")
    return line


def faults(page: Page) -> list[str]:
    """What axe finds that keeps people out, in our part of the page."""
    context = ".sc-page" if page.locator(".sc-page").count() else "body"
    found = Axe().run(page, context=context).response["violations"]
    return [
        f"{one['id']}: {page.url}: {node['html'][:160]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


def test_tab_reaches_every_control_of_every_page_and_shows_where_it_is(somebody: Page) -> None:
    somebody.emulate_media(reduced_motion="reduce")
    wrong: list[tuple[str, str, str]] = []
    for address in [*PAGES, *ACTS]:
        assert somebody.goto(address).ok, address  # type: ignore[union-attr]
        found = walk(somebody)
        assert found.count > 2, address
        wrong += [(address, "not reached", one) for one in found.unreached]
        wrong += [(address, "focus not seen", one) for one in found.unseen]
    assert not wrong, wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_readable_by_machines_and_in_contrast(scheme: str, somebody: Page) -> None:
    somebody.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    wrong: list[str] = []
    for address in [*PAGES, *ACTS]:
        somebody.goto(address)
        wrong += faults(somebody)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("verb", "answers"),
    [
        ("hold", [("Who decides", "Quality"), ("Reason", "odd colour")]),
        ("split", [("Code of the new lot", "W7Q3.1"), ("Or wafers", "W01..W05")]),
        ("scrap", [("Or wafers", "W02"), ("Reason", "Destroyed")]),
        ("loss", [("Or wafers", "W03"), ("Reason", "Counted")]),
        ("bank", [("Reason", "no demand")]),
        ("amend", [("Customer", "Acme")]),
        ("move", [("To step", "FAB")]),
    ],
)
def test_an_act_is_done_by_tab_and_enter(
    verb: str, answers: Sequence[tuple[str, str]], somebody: Page
) -> None:
    somebody.goto("/lots/W7Q3")
    somebody.goto(f"/lots/W7Q3/do/{verb}")
    for name, keys in answers:
        answer(somebody, name, keys)
    submit(somebody, "See what would change")
    expect(somebody.get_by_role("button", name="Change", exact=True)).to_be_visible()
    assert Event.objects.filter(lot__code="W7Q3").count() == 1
    submit(somebody, LOT_ACTS[verb].title, "BUTTON")
    expect(somebody).to_have_url("/lots/W7Q3")
    assert Event.objects.filter(lot__code="W7Q3", verb=verb).exists()


def test_a_hold_is_released_from_the_board_by_keyboard(somebody: Page) -> None:
    hold(Lot.objects.get(code="W7Q3"))
    somebody.goto("/holds")
    tab_to(somebody, "Pick the hold of W7Q3")
    somebody.keyboard.press("Space")
    submit(somebody, "Release")
    answer(somebody, "Disposition", "use as is")
    submit(somebody, "See what would change")
    submit(somebody, "Release", "BUTTON")
    expect(somebody.get_by_text("Released: W7Q3.")).to_be_visible()
    assert not Hold.objects.filter(lot__code="W7Q3", released_at=None).exists()


def test_a_recall_is_opened_by_keyboard(somebody: Page) -> None:
    somebody.goto("/recalls/new?origin=lot")
    answer(somebody, "Lots", "W7Q1")
    answer(somebody, "Title", "Edge ring")
    answer(somebody, "Reason", "field returns")
    submit(somebody, "See what it reaches")
    submit(somebody, "Open the case")
    expect(somebody).to_have_url("/recalls/R-1")
    assert RecallCase.objects.get().title == "Edge ring"


def test_genealogy_is_folded_and_followed_by_keyboard(somebody: Page) -> None:
    somebody.goto("/units/SRV4-0000/genealogy")
    press(somebody, "Fold all")
    expect(somebody.locator("[data-fold] details[open]")).to_have_count(0)
    press(somebody, "Unfold all")
    expect(somebody.locator("[data-fold] details:not([open])")).to_have_count(0)
    submit(somebody, "T3-26-00000", "A")
    expect(somebody).to_have_url("/units/T3-26-00000/genealogy")


def test_lots_are_picked_for_a_job_by_keyboard(somebody: Page) -> None:
    somebody.goto("/admin/lots/lot/?q=W7Q3")
    tab_to(somebody, "Do")
    somebody.keyboard.type("Hold")
    submit(somebody, "with all of this filter")
    expect(somebody.get_by_role("button", name="See what would change")).to_be_visible()
