"""The drawn genealogy by keyboard alone: folded, unfolded, followed, and sent by its address."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from operations.tests.line import Line
from tests.browser.keyboard import focused, submit, tab_to

pytestmark = pytest.mark.xdist_group("browser")
WIDTH = 390


def sign(page: Page, label: str) -> Locator:
    return page.locator(f'[data-turn][aria-label="{label}"]')


def test_a_branch_folds_by_enter_and_unfolds_by_space_where_the_focus_stays(somebody: Page) -> None:
    somebody.goto("/units/SRV4-0000/genealogy")
    chip = somebody.locator("[data-drawn] [data-follow]", has_text="T3-26-00000")
    expect(chip).to_be_visible()
    tab_to(somebody, "Origins of SRV4-0000")
    somebody.keyboard.press("Enter")
    expect(chip).to_have_count(0)
    expect(sign(somebody, "Origins of SRV4-0000, 5")).to_have_attribute("aria-expanded", "false")
    assert focused(somebody)["name"] == "Origins of SRV4-0000, 5"
    somebody.keyboard.press("Space")
    expect(chip).to_be_visible()
    expect(sign(somebody, "Origins of SRV4-0000, 5")).to_have_attribute("aria-expanded", "true")


def test_a_large_fan_out_is_folded_at_first_and_opens_a_page_at_a_time(
    somebody: Page, line: Line
) -> None:
    wafer = line.wafer_lot.wafers.earliest("number")
    fold = f"{wafer.dies.count()} {line.wafer_lot.product.code}"
    somebody.goto(f"/wafers/{wafer}/genealogy")
    before = somebody.locator("[data-drawn] [data-follow]").count()
    tab_to(somebody, fold)
    somebody.keyboard.press("Enter")
    expect(somebody.locator("[data-drawn] [data-follow]")).to_have_count(before + 24)
    tab_to(somebody, "and ")
    somebody.keyboard.press("Space")
    expect(somebody.locator("[data-drawn] [data-follow]")).to_have_count(before + 48)


def test_the_address_keeps_what_is_folded(somebody: Page) -> None:
    somebody.goto("/units/SRV4-0000/genealogy")
    tab_to(somebody, "Origins of SRV4-0000")
    somebody.keyboard.press("Enter")
    expect(sign(somebody, "Origins of SRV4-0000, 5")).to_have_attribute("aria-expanded", "false")
    somebody.reload()
    expect(sign(somebody, "Origins of SRV4-0000, 5")).to_have_attribute("aria-expanded", "false")
    submit(somebody, "As at first")
    expect(sign(somebody, "Origins of SRV4-0000, 5")).to_have_attribute("aria-expanded", "true")


def test_the_drawing_is_followed_from_unit_to_lot_to_wafer(somebody: Page, line: Line) -> None:
    somebody.goto("/units/SRV4-0000/genealogy")
    tab_to(somebody, "Origins of SRV4-0000")
    somebody.keyboard.press("ArrowDown")
    assert focused(somebody)["name"].startswith("T3-26-00000")
    with somebody.expect_navigation():
        somebody.keyboard.press("Enter")
    expect(somebody).to_have_url("/units/T3-26-00000/genealogy")
    somebody.goto("/lots/AQ17/genealogy")
    somebody.locator('[data-follow][href="/lots/W7Q1/genealogy"]').first.focus()
    with somebody.expect_navigation():
        somebody.keyboard.press("Enter")
    expect(somebody).to_have_url("/lots/W7Q1/genealogy")
    wafer = line.wafer_lot.wafers.earliest("number")
    somebody.locator(f'[data-follow][href="/wafers/{wafer}/genealogy"]').first.focus()
    with somebody.expect_navigation():
        somebody.keyboard.press("Enter")
    expect(somebody).to_have_url(f"/wafers/{wafer}/genealogy")


def test_a_branch_folds_by_mouse_and_no_page_is_wider_than_a_telephone(somebody: Page) -> None:
    somebody.set_viewport_size({"width": WIDTH, "height": 844})
    for address in ("/units/SRV4-0000/genealogy", "/lots/AQ17/genealogy"):
        somebody.goto(address)
        assert somebody.evaluate("document.documentElement.scrollWidth") <= WIDTH
    origins = sign(somebody, "Origins of AQ17, 1")
    origins.click()
    expect(origins).to_have_attribute("aria-expanded", "false")
