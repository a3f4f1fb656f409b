"""What stands in the ledger, held against the table of postings."""

from __future__ import annotations

from finance.domain.posting_table import rows_of, unnamed
from finance.models import LedgerEntry
from finance.selectors.facts import legs_of
from lots.domain.words import Verb
from lots.models import Event


def unnamed_postings() -> tuple[list[str], set[str]]:
    """Lines of events that no row of the table names, and the verbs that were looked at."""
    seqs = LedgerEntry.objects.filter(source_seq__isnull=False).values("source_seq")
    events = {event.seq: event for event in Event.objects.filter(seq__in=seqs)}
    found = []
    for seq, event in sorted(events.items()):
        rows = rows_of(event.verb, undone_by(event))
        found += [
            f"{event.verb} {seq}: {leg.kind} {leg.position.account} {leg.quantity} {leg.amount}"
            for leg in unnamed(rows, legs_of(seq))
        ]
    return found, {event.verb for event in events.values()}


def undone_by(event: Event) -> list[str]:
    """Verbs of what it takes back."""
    if event.verb != Verb.CORRECT or event.corrects is None:
        return []
    return [event.corrects.verb]
