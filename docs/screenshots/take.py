"""Take pictures of the main pages of a running service.

    python docs/screenshots/take.py http://127.0.0.1:8000 USER PASSWORD [FOLDER]

Each page is taken light and dark, wide and narrow. What to show is found by following links from
the home page, so that it works on any data.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--hide-scrollbars"]
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
FIXED = {
    "home": "/",
    "issues": "/issues",
    "upload": "/upload",
    "sites": "/sites",
    "lots": "/admin/lots/lot/",
    "ledger": "/admin/finance/ledgerentry/",
}


def main(base: str, user: str, password: str, folder: str = "docs/screenshots") -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        state = signed_in(browser, base, user, password)
        pages = dict(found_pages(browser, base, state))
        for theme in ("light", "dark"):
            for size in SIZES:
                take(browser, base, state, pages, out, theme, size)
        browser.close()


def signed_in(browser: Browser, base: str, user: str, password: str) -> object:
    context = browser.new_context(base_url=base)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(base.rstrip("/") + "/")
    return context.storage_state()


def found_pages(browser: Browser, base: str, state: object) -> Iterator[tuple[str, str]]:
    yield from FIXED.items()
    page = browser.new_context(base_url=base, storage_state=state).new_page()
    for name, start, selector in (
        ("lot", "/admin/lots/lot/?kind__exact=wafer", "td a[href^='/lots/']"),
        ("wafer", "", "a[href^='/wafers/']"),
        ("chip-lot", "/admin/lots/lot/?kind__exact=assembly", "td a[href^='/lots/']"),
        ("unit", "/admin/lots/unit/?kind__exact=package", "td a[href^='/units/']"),
        ("issue", "/issues", "td a[href^='/issues/Q']"),
        ("burn-in", "/admin/testing/burninrun/", "td a[href^='/burn-in/']"),
        ("rack", "/admin/racks/rack/", "td a[href^='/racks/']"),
        ("server", "", "a[href^='/units/']"),
        ("file", "/admin/intake/rawfile/", "td a[href^='/files/']"),
    ):
        if start:
            page.goto(start)
        link = page.locator(selector)
        if link.count():
            address = link.first.get_attribute("href") or ""
            page.goto(address)
            yield name, address


def take(
    browser: Browser, base: str, state: object, pages: dict[str, str], out: Path, theme: str, size: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=base,
        storage_state=state,
        viewport={"width": width, "height": height},
        color_scheme=theme,
        locale="en-GB",
    )
    context.add_init_script(f"localStorage.setItem('_x_adminTheme', '\"{theme}\"')")
    page = context.new_page()
    for name, address in pages.items():
        shoot(page, address, out / f"{name}-{size}-{theme}.png")
    context.close()


def shoot(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
