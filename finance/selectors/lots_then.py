"""What lots were when an event happened: who had them, who had them first, and why they were made.

The poster may come to an event long after it, when its lots are otherwise: what it posts is the
same. Told by the events themselves, for all lots of a batch in a few queries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from finance.domain.queries import SEQ_MAX
from finance.selectors.rework import PARTED
from lots.domain.standings import ADDED
from lots.domain.words import Verb
from lots.models import Event, Lot, LotLineage

TELLING = (Verb.RECEIVE, Verb.ASSEMBLE, Verb.SWAP, Verb.AMEND, Verb.CORRECT)
BIRTHS = frozenset({Verb.RECEIVE, Verb.ASSEMBLE, Verb.SWAP})
LOTS_AT_ONCE = 5000
Said = dict[int, list[tuple[int, str]]]
"""Lot id → (seq, what its event says), in seq order."""


@dataclass(frozen=True, slots=True)
class LotsThen:
    """had: who had it from that event on; born: the same, of events that it begins with.

    purposes: what its purpose was before that event. parents: lot → where it parted from, and seq.
    """

    had: Said = field(default_factory=dict)
    born: Said = field(default_factory=dict)
    purposes: Said = field(default_factory=dict)
    parents: dict[int, tuple[int, int]] = field(default_factory=dict)

    def custodian(self, lot: Lot, seq: int) -> str:
        """Code of who had the lot when the event had happened."""
        return self._last(self.had, lot.pk, seq) or lot.custodian.code

    def vendor(self, lot: Lot, seq: int) -> str:
        """Code of who owns it before title passes: its product's supplier, or who had it first.

        A lot that parted from another was had first by who had that one.
        """
        if supplier := lot.product.supplier:
            return supplier.code
        return self._last(self.born, lot.pk, seq) or lot.custodian.code

    def purpose(self, lot: Lot, seq: int) -> str:
        """Its purpose when the event had happened: until the next change what that one found."""
        later = (before for at, before in self.purposes.get(lot.pk, ()) if at > seq)
        return next(later, lot.purpose)

    def _last(self, said: Mapping[int, Sequence[tuple[int, str]]], lot: int, seq: int) -> str:
        """What was said last by the event of this seq, of the lot or of those it parted from."""
        while True:
            by_then = [what for at, what in said.get(lot, ()) if at <= seq]
            if by_then:
                return by_then[-1]
            parent, parted_at = self.parents.get(lot, (0, seq + 1))
            if parted_at > seq:
                return ""
            lot, seq = parent, parted_at


def lots_then(lots: Collection[int]) -> LotsThen:
    """What the events of these lots say, and of those they parted from: two queries a level."""
    then, known, wanted = LotsThen(), set[int](), set(lots)
    while wanted:
        _read(then, wanted)
        known |= wanted
        parted = LotLineage.objects.filter(child__in=wanted, kind__in=PARTED).order_by("event__seq")
        rows = parted.values_list("child_id", "parent_id", "event__seq")
        then.parents.update({child: (parent, seq) for child, parent, seq in rows})
        wanted = {then.parents[lot][0] for lot in wanted & then.parents.keys()} - known
    return then


def vendors_now(codes: Collection[str]) -> dict[str, str]:
    """Lot → its supplier, by all that is told of it so far."""
    found: dict[str, str] = {}
    wanted = sorted(codes)
    for start in range(0, len(wanted), LOTS_AT_ONCE):
        some = wanted[start : start + LOTS_AT_ONCE]
        rows = Lot.objects.filter(code__in=some).select_related("product__supplier", "custodian")
        lots = list(rows)
        then = lots_then({lot.pk for lot in lots if lot.product.supplier is None})
        found |= {lot.code: then.vendor(lot, SEQ_MAX) for lot in lots}
    return found


def _read(then: LotsThen, lots: Collection[int]) -> None:
    rows: Any = Event.objects.filter(lot__in=lots, verb__in=TELLING).order_by("seq")
    for lot, seq, verb, step_from, added, custodian, before, restored in rows.values_list(
        "lot_id",
        "seq",
        "verb",
        "step_from_id",
        f"payload__{ADDED}",
        "payload__custodian",
        "payload__before__purpose",
        "corrects__payload__after__purpose",
    ):
        if custodian:
            then.had.setdefault(lot, []).append((seq, custodian))
            if verb in BIRTHS and step_from is None and added is None:
                then.born.setdefault(lot, []).append((seq, custodian))
        if purpose := restored if verb == Verb.CORRECT else before:
            then.purposes.setdefault(lot, []).append((seq, purpose))
