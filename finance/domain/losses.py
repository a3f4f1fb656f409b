"""Rules for what is lost: scrap at the value of its step, normal or abnormal by its reason."""

from __future__ import annotations

from dataclasses import replace

from finance.domain.facts import Book, EventFacts
from finance.domain.legs import Holdings, Leg, Worth, taken
from finance.domain.transfers import supplied
from finance.domain.words import Account, EntryKind
from lots.domain.words import LineKind


def scrap(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """Units out at what they carry; abnormal unless the reason is listed. A vendor's go back."""
    is_normal = event.reason in book.normal_scrap_reasons
    account = Account.NORMAL_SCRAP if is_normal else Account.ABNORMAL_SCRAP
    kind = EntryKind.SCRAP
    legs: list[Leg] = []
    for line in event.lines:
        if line.kind is not LineKind.SCRAP or not line.quantity:
            continue
        holding = holdings.get(line.lot, {})
        rows = taken(line.lot, holding, line.unit, line.quantity, disputed_first=True)
        for position, lost in rows:
            legs.append(Leg(kind, position, line.lot, -lost.quantity, -lost.amount))
            if position.account is Account.VENDOR_OWNED:
                back = Worth(lost.quantity, lost.amount)
                legs.append(supplied(event.lots[line.lot], position, kind, back))
            else:
                gone = replace(position, account=account)
                legs.append(Leg(kind, gone, line.lot, lost.quantity, lost.amount))
    return legs
