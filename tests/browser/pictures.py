"""What every picture of a page must have, looked at in the browser itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

AUDIT = Path(__file__).with_name("pictures.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Seen:
    """Pictures of a page by name, and what each of them lacks."""

    names: list[str]
    faults: dict[str, list[str]]


def pictures_of(page: Page) -> Seen:
    """Everything drawn on the page; what lies in a table or a legend belongs to that.

    Families and travellers of a lot are words with links, not figures.
    """
    opened = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
    page.evaluate(opened)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    found = page.evaluate(AUDIT)
    return Seen([name for name, _ in found], {name: lacks for name, lacks in found if lacks})
