"""What a page says when it refuses: heard by assistive technology, and nothing typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from lots.models import Event, Lot
from operations.models import RecallCase
from operations.services.lot_acts import LOT_ACTS
from tests.browser.ear import Ear
from tests.browser.keyboard import answer, focused, press, submit, tab_to

pytestmark = pytest.mark.xdist_group("browser")


MUTE_ERRORS = """() => [...document.querySelectorAll('.errorlist')].filter((list) => {
  const says = (one) => (one.getAttribute('aria-describedby') ?? '').split(' ').includes(list.id);
  const inputs = [...document.querySelectorAll('[aria-invalid=true]')].filter(says);
  return !list.id || inputs.length !== 1;
}).map((list) => list.parentElement.outerHTML.slice(0, 200))"""
"""Lists of errors that no input names as its own."""

BROKEN_REFERENCES = """() => [
  ...document.querySelectorAll('[aria-describedby]:not([type=hidden])'),
].flatMap((one) =>
  one.getAttribute('aria-describedby').split(' ')
    .filter((id) => document.getElementById(id) === null).map((id) => `${one.name}: ${id}`))"""


FORM = "<title>Plant</title><form method=post action=/sent><button>Go</button></form>"


def expect_summary(page: Page, words: str) -> None:
    """The page says what is wrong, as an alert, and the focus stands on it."""
    alert = page.locator("[role=alert][data-focus-first]").first
    expect(alert).to_contain_text(words)
    expect(alert).to_be_focused()


SPOILED = """() => document.querySelectorAll('.sc-page form.sc-form').forEach((form) => {
  form.noValidate = true;
  form.querySelectorAll('input:not([type=hidden], [type=checkbox]), textarea').forEach((one) => {
    one.type = 'text';
    one.value = one.name === 'comment' ? '' : '\\u0007';
  });
})"""
"""No sensible answer in any box."""


def test_every_answer_that_cannot_be_taken_is_tied_to_its_field(somebody: Page) -> None:
    refused = 0
    for verb in LOT_ACTS:
        somebody.goto(f"/lots/W7Q3/do/{verb}")
        somebody.evaluate(SPOILED)
        with somebody.expect_navigation():
            somebody.get_by_role("button", name="See what would change").click()
        assert somebody.evaluate(MUTE_ERRORS) == [], verb
        assert somebody.evaluate(BROKEN_REFERENCES) == [], verb
        if somebody.locator(".sc-form .errorlist").count():
            expect_summary(somebody, "cannot be taken")
            refused += 1
    assert refused > len(LOT_ACTS) // 2


def test_a_link_of_the_summary_leads_to_the_field(somebody: Page) -> None:
    somebody.goto("/lots/W7Q3/do/split")
    answer(somebody, "Code of the new lot", "W7Q3.1")
    answer(somebody, "Or wafers", "one to five")
    submit(somebody, "See what would change")
    expect_summary(somebody, "1 answer cannot be taken")
    press(somebody, "Or wafers", "A")
    wafers = somebody.get_by_label("Or wafers")
    expect(wafers).to_be_focused()
    expect(wafers).to_have_attribute("aria-invalid", "true")
    expect(wafers).to_have_accessible_description(
        'Such as "1-5, 7". \'one-five\' names no wafers; write them as "1-5, 7".'
    )
    expect(wafers).to_have_value("one to five")


def test_a_refused_act_says_so_and_keeps_what_was_typed(somebody: Page) -> None:
    before = Event.objects.count()
    somebody.goto("/lots/W7Q3/do/split")
    answer(somebody, "Code of the new lot", "W7Q2")
    answer(somebody, "Or wafers", "1-5")
    submit(somebody, "See what would change")
    expect_summary(somebody, "W7Q2")
    expect_summary(somebody, "Nothing was changed.")
    assert Event.objects.count() == before
    tab_to(somebody, "Code of the new lot")
    assert focused(somebody)["value"] == "W7Q2"
    expect(somebody.get_by_label("Or wafers")).to_have_value("1-5")
    somebody.keyboard.press("Control+A")
    somebody.keyboard.type("W7Q3.1")
    submit(somebody, "See what would change")
    submit(somebody, "Split", "BUTTON")
    assert Lot.objects.get(code="W7Q3.1").quantity == 5


def test_a_recall_that_still_exposes_keeps_its_conclusion(somebody: Page) -> None:
    somebody.goto("/recalls/new?origin=lot")
    answer(somebody, "Lots", "W7Q1")
    answer(somebody, "Title", "Edge ring")
    answer(somebody, "Reason", "field returns")
    submit(somebody, "See what it reaches")
    submit(somebody, "Open the case")
    tab_to(somebody, "Pick ", "INPUT")
    somebody.keyboard.press("Space")
    somebody.evaluate("document.querySelectorAll('form').forEach((one) => one.noValidate = true)")
    submit(somebody, "Settle", "BUTTON")
    expect_summary(somebody, "Reason")
    expect(somebody.locator("input[name=pick]:checked")).to_have_count(1)
    assert somebody.evaluate(MUTE_ERRORS) == []
    assert RecallCase.objects.get().items.filter(settled_at__isnull=False).count() == 0


def test_a_scan_that_is_refused_leaves_the_focus_with_the_scanner(somebody: Page) -> None:
    somebody.goto("/scan/track")
    expect(somebody.locator("#code")).to_be_focused()
    somebody.keyboard.type("W7Q2")
    somebody.keyboard.press("Enter")
    expect(somebody.get_by_role("alert")).to_contain_text("Edge ring at CP1")
    expect(somebody.locator("#code")).to_be_focused()


def test_a_form_of_the_admin_ties_its_errors_too(somebody: Page) -> None:
    """Also when the script of the administration that looks for the first field comes last."""
    late: list[Route] = []

    def hold_back(route: Route) -> None:
        late.append(route)

    somebody.goto("/admin/lots/supplier/add/")
    tab_to(somebody, "Save", "BUTTON")
    somebody.route("**/change_form.js", hold_back)
    with somebody.expect_navigation(wait_until="domcontentloaded"):
        somebody.keyboard.press("Enter")
    expect_summary(somebody, "Look at what is marked below")
    late.pop().continue_()
    somebody.wait_for_load_state()
    expect_summary(somebody, "Look at what is marked below")
    assert somebody.locator(".errorlist").count() > 0
    assert somebody.evaluate(MUTE_ERRORS) == []
    assert somebody.evaluate(BROKEN_REFERENCES) == []


def test_only_a_refused_form_is_told_from_a_fault_of_a_script(browser: Browser) -> None:
    tab = browser.new_context(base_url="http://plant.test").new_page()
    tab.route("**/*", lambda route: route.fulfill(status=200, body=FORM, content_type="text/html"))
    tab.route("**/sent", lambda route: route.fulfill(status=422, body="<p>Refused</p>"))
    ear = Ear(tab)
    tab.goto("/")
    with tab.expect_navigation():
        tab.get_by_role("button").click()
    expect(tab.get_by_text("Refused")).to_be_visible()
    assert len(ear.heard) == 1
    assert ear.failures() == []
    tab.goto("/")
    tab.evaluate("console.error('said aloud')")
    tab.evaluate("setTimeout(() => { document.title = 'thrown'; throw new Error('odd'); })")
    tab.wait_for_function("document.title === 'thrown'")
    assert [text.split(" (")[0] for text in ear.failures()] == ["said aloud", "odd"]
    tab.context.close()


def test_a_script_whose_request_is_refused_is_a_fault(browser: Browser) -> None:
    tab = browser.new_context(base_url="http://plant.test").new_page()
    tab.route("**/*", lambda route: route.fulfill(status=200, body=FORM, content_type="text/html"))
    tab.route("**/sent", lambda route: route.fulfill(status=422, body="<p>Refused</p>"))
    ear = Ear(tab)
    tab.goto("/")
    with tab.expect_console_message():
        tab.evaluate("fetch('/sent', {method: 'POST'})")
    assert "422" in ear.failures()[0]
    tab.context.close()
