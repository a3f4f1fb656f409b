"""In which bins units of a lot ended; the app that keeps test results says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lots.domain.bins import BinResult, last_in
from lots.domain.words import BinKind
from lots.models import Lot, Unit

BinReader = Callable[[Lot, BinKind], Iterable[BinResult]]
"""Deciding results of the units that a lot has now: one a unit and step, the newest."""
_readers: list[BinReader] = []


def register_bins(reader: BinReader) -> None:
    """Say where bins are read; call it from an app's ready(). A later reader replaces."""
    _readers[:] = [reader]


def bin_results(lot: Lot, kind: BinKind) -> list[BinResult]:
    """Deciding results of the lot's units at every step; none where nobody keeps results."""
    return [result for reader in _readers for result in reader(lot, kind)]


def serials_in_bin(lot: Lot, bin_number: int) -> tuple[str, ...]:
    """Serials of the lot's units whose newest result is of this hard bin."""
    ids = last_in(bin_number, bin_results(lot, BinKind.HARD))
    return tuple(
        Unit.objects.filter(pk__in=ids).order_by("serial").values_list("serial", flat=True)
    )
