"""Where a lot on rework is valued: at the step it left, for rework adds nothing to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from lots.domain.words import LineageKind, Verb
from lots.models import Event, LotLineage

PARTED = (LineageKind.SPLIT, LineageKind.BIN)
Key = TypeVar("Key")


def steps_left(of: Mapping[Key, tuple[int, int]]) -> dict[Key, int]:
    """Key → id of the step that was left for rework last; the lot, and the seq it counts before.

    A lot that parted from another on rework left where that one did. What never left is not in it.
    """
    found: dict[Key, int] = {}
    while of:
        lots = {lot for lot, _ in of.values()}
        outs: dict[int, list[tuple[int, int]]] = {}
        gone = Event.objects.filter(verb=Verb.REWORK_OUT, lot__in=lots).order_by("seq")
        for lot, seq, step in gone.values_list("lot_id", "seq", "step_from_id"):
            outs.setdefault(lot, []).append((seq, step))
        parted = {
            child: (parent, seq)
            for child, parent, seq in LotLineage.objects.filter(child__in=lots, kind__in=PARTED)
            .order_by("event__seq")
            .values_list("child_id", "parent_id", "event__seq")
        }
        further = {}
        for key, (lot, before) in of.items():
            steps = [step for seq, step in outs.get(lot, []) if seq < before]
            if steps:
                found[key] = steps[-1]
            elif lot in parted:
                further[key] = parted[lot]
        of = further
    return found
