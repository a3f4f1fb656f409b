"""Hears what a page's scripts complain of, and tells a refused form from a fault."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page, Response

REFUSALS = {400, 409, 412, 422}
"""Statuses by which a page refuses a form; the browser writes each of them to its console."""


class Ear:
    """Listens to a tab from now on."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.heard: list[tuple[str, str]] = []
        self.refused: set[tuple[str, str]] = set()
        tab.on("console", self.hear)
        tab.on("pageerror", lambda error: self.heard.append((str(error), "")))
        tab.on("response", self.see)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.heard.append((message.text, message.location.get("url", "")))

    def see(self, response: Response) -> None:
        """Only a form sent from the tab itself may be refused: no script's request, no address."""
        request = response.request
        is_form = request.is_navigation_request() and request.method == "POST"
        if is_form and request.frame == self.tab.main_frame and response.status in REFUSALS:
            words = f"the server responded with a status of {response.status} "
            self.refused.add((f"Failed to load resource: {words}", response.url))

    def failures(self) -> list[str]:
        """What no refused form explains."""
        return [
            f"{text} ({url})"
            for text, url in self.heard
            if not any(text.startswith(start) and url == at for start, at in self.refused)
        ]
