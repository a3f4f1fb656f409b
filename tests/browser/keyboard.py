"""A person who has only the keyboard: where Tab leads, and whether the focus can be seen there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from operations.services.lot_acts import LOT_ACTS

TABS_MAX = 400

NUMBER_CONTROLS = """() => {
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary,' +
    ' [tabindex]:not([tabindex="-1"])';
  const groups = new Set();
  window.scControls = [...document.querySelectorAll(wanted)].filter((one) => {
    if (one.disabled || one.tabIndex < 0 || one.closest('[inert]')) return false;
    if (!one.checkVisibility({visibilityProperty: true})) return false;
    const closed = one.closest('details:not([open])');
    if (closed && one !== closed.querySelector(':scope > summary')) return false;
    if (one.type !== 'radio') return true;
    const group = one.form?.id + one.name;
    const isFirst = !groups.has(group);
    groups.add(group);
    return isFirst;
  });
  const looks = (one) => {
    const style = getComputedStyle(one);
    const inner = one.querySelector('rect');
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor,
      style.backgroundColor, style.left, inner && getComputedStyle(inner).stroke].join('|');
  };
  window.scLooks = looks;
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  window.scBefore = new Map(window.scControls.map((one) => [one, looks(one)]));
  return window.scControls.length;
}"""

WHERE = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const words = (part) => {
    const copy = part.cloneNode(true);
    copy.querySelectorAll('[aria-hidden=true], option').forEach((icon) => icon.remove());
    return copy.textContent;
  };
  const label = one.labels?.[0];
  const name = one.ariaLabel || (label && words(label)) || words(one) || one.title || '';
  const place = window.scControls ? window.scControls.indexOf(one) : -1;
  const isSeen = place < 0 || window.scBefore.get(one) !== window.scLooks(one);
  const plain = name.trim().replace(/\\s+/g, ' ');
  return {place, name: plain, tag: one.tagName, value: one.value ?? '', id: one.id, isSeen};
}"""

STEPS_TO = """(entry) => {
  const list = document.activeElement;
  const wanted = [...list.options].findIndex((one) => one.text.trim().startsWith(entry));
  return wanted < 0 ? null : wanted - list.selectedIndex;
}"""

NAMES = """(places) => places.map((place) => {
  const one = window.scControls[place];
  return one.outerHTML.slice(0, 160);
})"""


@dataclass(frozen=True, slots=True)
class Walk:
    """One round of Tab. unreached, unseen: controls as HTML, cut short."""

    count: int
    unreached: list[str]
    unseen: list[str]


def walk(page: Page) -> Walk:
    """Press Tab from the top of the page until it has been through."""
    count = page.evaluate(NUMBER_CONTROLS)
    reached: set[int] = set()
    seen: set[int] = set()
    page.keyboard.press("Tab")
    for _ in range(TABS_MAX):
        at: dict[str, Any] | None = page.evaluate(WHERE)
        if at is None or (at["place"] in reached and len(reached) >= count):
            break
        reached.add(at["place"])
        if at["isSeen"]:
            seen.add(at["place"])
        page.keyboard.press("Tab")
    left = sorted(set(range(count)) - reached)
    return Walk(count, page.evaluate(NAMES, left), page.evaluate(NAMES, sorted(reached - seen)))


def focused(page: Page) -> dict[str, Any]:
    """What has the focus: name, tag, value, id."""
    at: dict[str, Any] | None = page.evaluate(WHERE)
    assert at, "nothing has the focus"
    return at


def tab_to(page: Page, name: str, tag: str = "") -> None:
    """Press Tab until what is so called has the focus, if it has not. tag: SELECT, A and so on."""
    for _ in range(TABS_MAX):
        at = page.evaluate(WHERE)
        if at and at["name"].startswith(name) and tag in {"", at["tag"]}:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name!r}")


def tab_until(page: Page, selector: str) -> None:
    """Press Tab until the selector has the focus; for parts of the admin without a name."""
    for _ in range(TABS_MAX):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector!r}")


def answer(page: Page, name: str, keys: str) -> None:
    """Tab to a field and type; a list takes the entry that begins so, a space ticks a box."""
    tab_to(page, name)
    page.keyboard.type(keys)


def choose(page: Page, name: str, entry: str) -> None:
    """Tab to a list and go to the entry that begins so, by arrows."""
    tab_to(page, name, "SELECT")
    steps: int = page.evaluate(STEPS_TO, entry)
    for _ in range(abs(steps)):
        page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    assert page.evaluate(STEPS_TO, entry) == 0, f"the arrows do not come to {entry!r}"


def tick(page: Page, name: str) -> None:
    """Tab to a box and tick it."""
    tab_to(page, name, "INPUT")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.checked"), f"{name!r} is not ticked"


def give_file(page: Page, name: str, path: Path) -> None:
    """Tab to a box for files and open the system's own window, which answers with the path."""
    page.once("filechooser", lambda chooser: chooser.set_files(path))
    tab_to(page, name, "INPUT")
    page.keyboard.press("Space")


def press(page: Page, name: str, tag: str = "") -> None:
    """Tab to a button or link and press Enter."""
    tab_to(page, name, tag)
    page.keyboard.press("Enter")


def submit(page: Page, name: str, tag: str = "") -> None:
    """Press what leads to another page, and wait for that."""
    tab_to(page, name, tag)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def carry_out(page: Page, lot: str, verb: str) -> None:
    """Look at what the answers given would change, change it, and see that it was told."""
    submit(page, "See what would change", "BUTTON")
    submit(page, LOT_ACTS[verb].title, "BUTTON")
    expect(page.get_by_text(f"{LOT_ACTS[verb].done}: {lot}.")).to_be_visible()
