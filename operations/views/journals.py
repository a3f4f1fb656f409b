from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from finance.domain.queries import SEQ_MAX, period_code, whole_number
from finance.domain.words import JournalFormat
from finance.selectors.calendar import last_period_with_lines
from finance.selectors.closes import closes_of
from finance.selectors.journals import Journal, JournalQuery, journal
from finance.selectors.profiles import profiles
from operations.views.books import BooksPage
from supplychain.base.errors import RefusedError

NAMES = {
    JournalFormat.GENERIC: "Any other",
    JournalFormat.SAP: "SAP",
    JournalFormat.ORACLE: "Oracle",
    JournalFormat.NETSUITE: "NetSuite",
    JournalFormat.WORKDAY: "Workday",
}
CODE_MAX, VERSION_MAX, PARTS_SHOWN = 32, 32_767, 20


class JournalPage(BooksPage):
    """What a period's journal will be, before anybody books it, and its files."""

    template_name = "operations/journal.html"
    title = "Journal"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given = self.given
        code = period_code(given) if "period" in given else last_period_with_lines(SEQ_MAX)
        version = whole_number(given, "version", 1, (1, VERSION_MAX))
        profile = given.get("profile", "")[:CODE_MAX]
        parts: dict[str, Any] = {
            "code": code,
            "version": version,
            "versions": [close.version for close in closes_of(code)],
            "profile": profile,
            "profiles": profiles(),
        }
        if code:
            parts |= _told(JournalQuery(code, version, profile))
        return super().get_context_data(**{**parts, **kwargs})


def _told(query: JournalQuery) -> dict[str, Any]:
    try:
        found = journal(query)
    except RefusedError as error:
        return {"refused": error.detail}
    return {"journal": found, "files": _files(query, found)}


def _files(query: JournalQuery, found: Journal) -> list[tuple[str, int, list[tuple[int, str]]]]:
    """General ledger, how many parts it needs, and where the first of them are."""
    address = reverse("api-journal-detail", args=[query.period])
    asked = {"version": query.version} | ({"profile": query.profile} if query.profile else {})
    files = []
    for target in JournalFormat:
        count = len(found.parts(target))
        links = [
            (number, f"{address}?{urlencode({'format': target.value, 'part': number, **asked})}")
            for number in range(1, min(count, PARTS_SHOWN) + 1)
        ]
        files.append((NAMES[target], count, links))
    return files
