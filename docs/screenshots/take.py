"""Take pictures of the main pages of a running service with the demo line in it.

    python docs/screenshots/take.py http://127.0.0.1:8000 USER PASSWORD [FOLDER]

Main pages are taken light and dark, wide and narrow; lists once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--hide-scrollbars"]
HEIGHT_MAX = 1800
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FIXED = {
    "home": "/",
    "issues": "/issues",
    "upload": "/upload",
    "sites": "/sites",
    "holds": "/holds",
    "recall": "/recalls/new?origin=lot",
    "scan": "/scan/track",
    "lots": "/admin/lots/lot/",
    "ledger": "/admin/finance/ledgerentry/",
}
# name: (page to start from, link to follow); no start goes on from the page before.
FOLLOWED = {
    "issue": ("/issues?rule=yield-below-limit&q=CP1", "td a[href^='/issues/Q']"),
    "lot": ("", "dd a[href^='/lots/']"),
    "wafer": ("", "a[href^='/wafers/']"),
    "stack": ("", "a[href^='/lots/'][href*='/map?']"),
    "pattern": ("/issues?rule=wafer-signature", "td a[href^='/issues/Q']"),
    "run": ("/admin/testing/run/?q=S7-", "#result_list a[href^='/runs/']"),
    "explore": ("", "td a[href^='/explore?']"),
    "held": ("/issues?rule=deployed-from-held-lot", "td a[href^='/issues/Q']"),
    "rack": ("", "td a[href^='/racks/']"),
    "trace": ("", "svg a[href^='/units/']"),
    "genealogy": ("", "a[href$='/genealogy']"),
    "chip-lot": ("/issues?rule=burn-in-short", "td a[href^='/lots/']"),
    "burn-in": ("", "a[href^='/burn-in/']"),
    "file": ("/admin/intake/rawfile/?state__exact=partial", "td a[href^='/files/']"),
}
ON_THE_WAY = {"held", "chip-lot"}
ONCE = {"lots", "ledger", "sites", "file"}  # wide and light is enough of a list


@dataclass(frozen=True)
class Visitor:
    """A browser signed in to a service."""

    browser: Browser
    base: str
    state: StorageState

    def page(self, **settings: Any) -> Page:
        context = self.browser.new_context(
            base_url=self.base, storage_state=self.state, locale="en-GB", **settings
        )
        return context.new_page()


def main(base: str, user: str, password: str, folder: str = "docs/screenshots") -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        visitor = signed_in(browser, base, user, password)
        pages = dict(found_pages(visitor))
        for theme in THEMES:
            for size in SIZES:
                is_first = (theme, size) == ("light", "wide")
                shown = {
                    name: address
                    for name, address in pages.items()
                    if name not in ON_THE_WAY and (is_first or name not in ONCE)
                }
                take(visitor, shown, out, theme, size)
        browser.close()


def signed_in(browser: Browser, base: str, user: str, password: str) -> Visitor:
    context = browser.new_context(base_url=base)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(base.rstrip("/") + "/")
    return Visitor(browser, base, context.storage_state())


def found_pages(visitor: Visitor) -> Iterator[tuple[str, str]]:
    yield from FIXED.items()
    page = visitor.page()
    for name, (start, selector) in FOLLOWED.items():
        if start:
            page.goto(start)
        link = page.locator(selector)
        if link.count():
            address = link.first.get_attribute("href") or ""
            page.goto(address)
            yield name, address


def take(
    visitor: Visitor,
    pages: dict[str, str],
    out: Path,
    theme: Literal["light", "dark"],
    size: str,
) -> None:
    width, height = SIZES[size]
    page = visitor.page(viewport={"width": width, "height": height}, color_scheme=theme)
    for name, address in pages.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        whole = int(page.evaluate("document.documentElement.scrollHeight"))
        tall = min(max(whole, height), HEIGHT_MAX)
        page.set_viewport_size({"width": width, "height": tall})
        page.screenshot(path=out / f"{name}-{theme}-{size}.png")
    page.context.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
