"""Which issue stands for a cause: its own, or the one that its own was merged into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quality.domain.words import IssueState
from quality.models import Issue, IssueCounter


@dataclass(frozen=True, slots=True)
class Causes:
    """Issues of causes, locked. own: cause key → its open issue, else its newest."""

    own: dict[str, Issue]

    def head(self, cause_key: str) -> Issue | None:
        """What stands for the cause; None for one that was never found.

        Of a merged issue that is whatever stands for the cause it went into, so that what comes
        back after the survivor was closed stays one cause.
        """
        seen: set[str] = set()
        issue = self.own.get(cause_key)
        while issue is not None and issue.merged_into is not None and cause_key not in seen:
            seen.add(cause_key)
            cause_key = issue.merged_into.cause_key
            issue = self.own[cause_key]
        return issue


def locked_counter() -> IssueCounter:
    """The counter of issues, locked: whoever raises or weighs waits for whoever does."""
    counter, _ = IssueCounter.objects.select_for_update().get_or_create(name="issue")
    return counter


def locked_causes(cause_keys: Iterable[str]) -> Causes:
    """Issues of these causes and of all that stand for them, locked in order of their ids."""
    keys, known = set(cause_keys), set[str]()
    own: dict[str, Issue] = {}
    while not keys <= known:  # again only where a merge came in between
        keys = _with_heads(keys)
        rows = Issue.objects.select_for_update(of=("self",)).select_related("merged_into")
        own = {}
        for issue in rows.filter(cause_key__in=keys).order_by("pk"):
            if issue.cause_key not in own or not own[issue.cause_key].is_open:
                own[issue.cause_key] = issue
        known = keys
        keys = known | {one.merged_into.cause_key for one in own.values() if one.merged_into}
    return Causes(own)


def is_any_found(head: Issue) -> bool:
    """Whether its detector, or that of anything merged into its cause, still finds it."""
    keys, seen = {head.cause_key}, set[str]()
    is_found = head.is_found
    while keys and not is_found:
        merged = Issue.objects.filter(state=IssueState.MERGED, merged_into__cause_key__in=keys)
        rows = list(merged.values_list("cause_key", "is_found"))
        is_found = any(found for _, found in rows)
        seen |= keys
        keys = {key for key, _ in rows} - seen
    return is_found


def _with_heads(cause_keys: set[str]) -> set[str]:
    """These and the causes that stand for them, as they stand now."""
    keys, fresh = set(cause_keys), set(cause_keys)
    while fresh:
        merged = Issue.objects.filter(cause_key__in=fresh, state=IssueState.MERGED)
        fresh = set(merged.values_list("merged_into__cause_key", flat=True)) - keys
        keys |= fresh
    return keys
