"""A test file's own counts beside what it holds; the results are the truth, the counts a check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

BINS_LISTED_MAX = 8


class Agreement(StrEnum):
    """How a count of the file stands to ours."""

    AGREES = "agrees"
    AGREES_WITH_LAST = "agrees-with-last"
    DIFFERS = "differs"
    NOT_STATED = "not-stated"


@dataclass(frozen=True, slots=True)
class Counted:
    """Ours. insertions: PRRs kept; units: counted once, by the last insertion of each."""

    insertions: int
    units: int


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what the file says (None: nothing), what it holds, and why they may differ."""

    what: str
    stated: int | None
    counted: Counted
    agreement: Agreement
    reason: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What may explain a difference."""

    is_partial: bool
    left_out: int


def check(
    what: str, stated: int | None, counted: Counted, circumstances: Circumstances, record: str
) -> Check:
    """One count."""
    if stated is None:
        reason = f"The file has no {record} for all sites, or leaves the count out."
        return Check(what, None, counted, Agreement.NOT_STATED, reason)
    if stated == counted.insertions:
        return Check(what, stated, counted, Agreement.AGREES, "")
    if stated == counted.units:
        reason = "The tester counts each unit once, by its last insertion."
        return Check(what, stated, counted, Agreement.AGREES_WITH_LAST, reason)
    reason = _why(stated, counted, circumstances)
    return Check(what, stated, counted, Agreement.DIFFERS, reason)


def _why(stated: int, counted: Counted, circumstances: Circumstances) -> str:
    if circumstances.left_out:
        return f"{circumstances.left_out:,} records of this file were left out; see below."
    if circumstances.is_partial:
        return "The file was cut, so results may be missing."
    if stated > counted.insertions:
        return (
            "The tester counted more than it wrote: a counter carried over from an earlier file, "
            "or results that never came."
        )
    return "The tester counted less than it wrote: retests left out, or counted in another file."


def check_bins(
    kind: str,
    stated: Mapping[int, int],
    counted: Mapping[int, Counted],
    circumstances: Circumstances,
) -> Check:
    """All bins of one kind as one line. kind: `hard` or `soft`."""
    record = "HBR" if kind == "hard" else "SBR"
    all_counted = Counted(
        sum(one.insertions for one in counted.values()), sum(one.units for one in counted.values())
    )
    what = f"{record}: units by {kind} bin"
    if not stated:
        return check(what, None, all_counted, circumstances, record)
    total = sum(stated.values())
    numbers = sorted({*stated, *counted})
    none = Counted(0, 0)
    by_insertion = [
        n for n in numbers if stated.get(n, 0) != counted.get(n, none).insertions
    ]  # fmt: skip
    by_unit = [n for n in numbers if stated.get(n, 0) != counted.get(n, none).units]
    if not by_insertion:
        return Check(what, total, all_counted, Agreement.AGREES, "")
    if not by_unit:
        reason = "The tester counts each unit once, by its last insertion."
        return Check(what, total, all_counted, Agreement.AGREES_WITH_LAST, reason)
    wrong = f"Bins {_listed(by_insertion)} differ. "
    reason = wrong + _why(total, all_counted, circumstances)
    return Check(what, total, all_counted, Agreement.DIFFERS, reason)


def merged_agreements(checks: Sequence[Check], what: str) -> tuple[Check, ...]:
    """Several that agree exactly as one line of sums, the others after it."""
    agreeing = [one for one in checks if one.agreement is Agreement.AGREES]
    if len(agreeing) < 2:
        return tuple(checks)
    merged = Check(
        what=f"{what}, {len(agreeing)} counts",
        stated=sum(one.stated or 0 for one in agreeing),
        counted=Counted(
            sum(one.counted.insertions for one in agreeing),
            sum(one.counted.units for one in agreeing),
        ),
        agreement=Agreement.AGREES,
        reason="",
    )
    return (merged, *(one for one in checks if one.agreement is not Agreement.AGREES))


def _listed(numbers: Sequence[int]) -> str:
    text = ", ".join(str(number) for number in numbers[:BINS_LISTED_MAX])
    more = len(numbers) - BINS_LISTED_MAX
    return f"{text} and {more} more" if more > 0 else text
