"""Bins as people write them, and the units of a lot that ended in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lots.domain.errors import QuantityError
from lots.domain.words import BinKind
from supplychain.base.errors import MalformedError

BIN_MAX = 65_535
SPANS_MAX = 100
NAMED_AT_MOST = 5
_TO = re.compile(r"\s*(?:\.\.+|\u2013|\u2014|-|\bto\b)\s*", re.IGNORECASE)
_MARK = re.compile(r"\bbins?\s*(?=\d)", re.IGNORECASE)
_GAP = re.compile(r"[;,\s]+")
_SPAN = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Bins:
    """Hard or soft bins. spans: first and last number of each range, both in it, rising."""

    kind: BinKind
    spans: tuple[tuple[int, int], ...]

    @property
    def numbers(self) -> str:
        """The shortest text for them: `3, 5-7`."""
        return ", ".join(_span_text(span) for span in self.spans)

    def __contains__(self, number: int | None) -> bool:
        return number is not None and any(low <= number <= high for low, high in self.spans)


@dataclass(frozen=True, slots=True)
class BinResult:
    """The deciding result of a unit at a step. number: None where the tester gave no bin."""

    unit_id: int
    step_code: str
    number: int | None
    tested_at: datetime


@dataclass(frozen=True, slots=True)
class Binned:
    """Units found in some bins at a step. counts: bin → units, bins rising."""

    kind: BinKind
    step_code: str
    unit_ids: tuple[int, ...]
    counts: Mapping[int, int]

    def told(self) -> dict[str, object]:
        """As an event keeps it."""
        counts = {str(number): count for number, count in self.counts.items()}
        return {"binned": {"kind": str(self.kind), "step": self.step_code, "counts": counts}}


def named_bins(text: str, kind: BinKind = BinKind.HARD) -> Bins | None:
    """Bins named by "3, 5-7", "3 5..7" or "bin 5 to 7"; None for no text. MalformedError otherwise.

    Ranges that touch become one; at most SPANS_MAX are named.
    """
    words = [word for word in _GAP.split(_TO.sub("-", _MARK.sub("", text.strip()))) if word]
    if len(words) > SPANS_MAX:
        raise MalformedError(f"Name at most {SPANS_MAX} bins or ranges of bins.", field="bins")
    spans = sorted(_span(word, text) for word in words)
    return Bins(kind, tuple(_joined(spans))) if spans else None


def _span(word: str, text: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(word)
    if match is None:
        raise MalformedError(f'{text!r} names no bins; write them as "3, 5-7".', field="bins")
    low, high = int(match[1]), int(match[2] or match[1])
    if not low <= high <= BIN_MAX:
        raise MalformedError(f"{word} is no range of bins from 0 to {BIN_MAX:,}.", field="bins")
    return low, high


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for low, high in spans:
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _span_text(span: tuple[int, int]) -> str:
    low, high = span
    return str(low) if low == high else f"{low}-{high}"


def found_in(
    lot_code: str, bins: Bins, serials: Mapping[int, str], results: Iterable[BinResult]
) -> Binned:
    """Which of these units ended in the bins at the step where the lot was tested last.

    serials: unit → serial, of the units that may be chosen. results: of any units and steps, one a
    unit and step. QuantityError for a lot without results, for units without one at that step, and
    for bins, or a range of them, in which no unit is.
    """
    own = [result for result in results if result.unit_id in serials]
    if not own:
        raise QuantityError(
            f"No unit of lot {lot_code} has a test result, so no bin is known. Name its units.",
            lot=lot_code,
        )
    step_code = max(own, key=lambda result: result.tested_at).step_code
    numbers = {result.unit_id: result.number for result in own if result.step_code == step_code}
    _refuse_untested(lot_code, step_code, serials, numbers)
    _refuse_empty(lot_code, step_code, bins, set(numbers.values()))
    chosen = {pk: number for pk, number in numbers.items() if number in bins and number is not None}
    counts = Counter(chosen.values())
    return Binned(
        bins.kind, step_code, tuple(sorted(chosen)), {bin_: counts[bin_] for bin_ in sorted(counts)}
    )


def _refuse_untested(
    lot_code: str, step_code: str, serials: Mapping[int, str], numbers: Mapping[int, int | None]
) -> None:
    untested = sorted(serial for pk, serial in serials.items() if pk not in numbers)
    if untested:
        more = ", …" if len(untested) > NAMED_AT_MOST else ""
        raise QuantityError(
            f"{len(untested)} of {len(serials)} units of lot {lot_code} have no result at "
            f"{step_code}, where it was tested last: {', '.join(untested[:NAMED_AT_MOST])}{more}. "
            "Test them first, or name units.",
            lot=lot_code,
            step=step_code,
            serials=untested[:NAMED_AT_MOST],
        )


def _refuse_empty(lot_code: str, step_code: str, bins: Bins, there: set[int | None]) -> None:
    known = sorted(number for number in there if number is not None)
    empty = [
        _span_text((low, high))
        for low, high in bins.spans
        if not any(low <= number <= high for number in known)
    ]
    if empty:
        has = ", ".join(str(number) for number in known) or "none"
        raise QuantityError(
            f"No unit of lot {lot_code} ended in {bins.kind} bin {', '.join(empty)} at "
            f"{step_code}. Its bins there: {has}.",
            lot=lot_code,
            step=step_code,
            bins=empty,
        )


def last_in(number: int, results: Iterable[BinResult]) -> set[int]:
    """Units whose newest result, at whatever step, is of this bin."""
    newest: dict[int, BinResult] = {}
    for result in results:
        known = newest.get(result.unit_id)
        if known is None or known.tested_at < result.tested_at:
            newest[result.unit_id] = result
    return {pk for pk, result in newest.items() if result.number == number}
