"""Test files that wait for a match: why, and which lots their name may have meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from intake.domain.near_names import near_names
from intake.domain.words import TEST_KINDS, FileState
from intake.models import RawFile
from lots.domain.words import LotState
from lots.models import Lot

ROWS_MAX = 50
LOTS_MAX = 2000
START_CHARACTERS = 3


@dataclass(frozen=True, slots=True)
class UnmatchedFile:
    """A waiting file, what it says of itself, and the lots it may be about, nearest first."""

    file: RawFile
    lot_name: str
    tester: str
    program: str
    suggested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnmatchedQueue:
    """A page of the queue, oldest first. after: where the next page begins; None at the end."""

    rows: tuple[UnmatchedFile, ...]
    count: int
    after: int | None


def unmatched_queue(text: str, after: int) -> UnmatchedQueue:
    """text: part of the file's name, lot, tester or program. after: a file's id."""
    waiting = RawFile.objects.filter(kind__in=TEST_KINDS, state=FileState.UNMATCHED)
    if text:
        waiting = waiting.filter(
            Q(name__icontains=text)
            | Q(summary__header__lot__icontains=text)
            | Q(summary__header__tester__icontains=text)
            | Q(summary__header__program__icontains=text)
        )
    count = waiting.count()
    files = list(waiting.filter(pk__gt=after).select_related("lot").order_by("pk")[: ROWS_MAX + 1])
    shown = files[:ROWS_MAX]
    known = _lot_codes(shown)
    return UnmatchedQueue(
        rows=tuple(_row(file, known) for file in shown),
        count=count,
        after=shown[-1].pk if len(files) > ROWS_MAX else None,
    )


def _row(file: RawFile, known: Sequence[str]) -> UnmatchedFile:
    header = file.summary.get("header", {})
    name = str(header.get("lot", ""))
    suggested = [file.lot.code] if file.lot else near_names(name or file.name, known)
    return UnmatchedFile(
        file=file,
        lot_name=name,
        tester=header.get("tester", ""),
        program=header.get("program", ""),
        suggested=tuple(suggested),
    )


def _lot_codes(files: Sequence[RawFile]) -> list[str]:
    """Codes worth comparing: lots at work whose code begins like a file's, then the newest."""
    names = {str(file.summary.get("header", {}).get("lot", "")) or file.name for file in files}
    starts = Q()
    for name in names:
        starts |= Q(code__istartswith=name[:START_CHARACTERS])
    lots = Lot.objects.exclude(state__in=[LotState.SCRAPPED, LotState.WITHDRAWN]).order_by("-pk")
    alike = lots.filter(starts) if names else lots.none()
    codes = [*alike.values_list("code", flat=True)[:LOTS_MAX]]
    return [*codes, *lots.values_list("code", flat=True)[: LOTS_MAX // 4]]
