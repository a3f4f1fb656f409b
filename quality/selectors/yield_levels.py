"""Yield from line to wafer: counts pooled over whatever is asked, with what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from lots.models import Step
from quality.domain.clustering import ClusterSums, clustered, inflation, within_lot
from quality.domain.lot_parts import LotWafers, PartSize, units_by_tester, units_on_one_wafer
from quality.domain.words import YieldGrade, YieldPass, YieldSlice
from quality.domain.yields import ratio, rolled_ratio
from quality.models import SUMS, YieldBook, YieldPart, YieldRestatement, YieldTotal
from quality.selectors.wafer_spread import lot_wafers
from supplychain.base.errors import MissingError
from testing.models import ProgramRevision

ROWS_MAX = 400
LOG_ROWS = 20


@dataclass(frozen=True, slots=True)
class YieldAsked:
    """Where to look; empty means all. since: first week. by: what units are told apart by."""

    product: str = ""
    step: str = ""
    week: date | None = None
    lot: str = ""
    since: date | None = None
    by: YieldSlice = YieldSlice.ZONE
    grade: YieldGrade = YieldGrade.SELLABLE
    passed: YieldPass = YieldPass.FINAL

    @property
    def count(self) -> str:
        """The count that is asked: `final_passed`, `first_prime` and so on."""
        return f"{self.passed}_{'prime' if self.grade is YieldGrade.PRIME else 'passed'}"


@dataclass(frozen=True, slots=True)
class YieldRow:
    """One line. ratio, low, high: 0 to 1, None for no units. inflation: variance over chance.
    method: of the interval, "" for none.

    down_binned: finally passed, not prime. rolled: product over the steps so far, None for one.
    """

    name: str
    lots: int
    tested: int
    passed: int
    retested: int
    recovered: int
    down_binned: int
    ratio: float | None
    low: float | None
    high: float | None
    inflation: float
    method: str
    rolled: float | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What the figures of a selection rest on."""

    lot_steps: int
    insertions: int
    left_out: int
    expected: int | None
    covered: int | None
    noun: str
    policies: tuple[str, ...]


def row_of(name: str, found: Mapping[str, Any], count: str) -> YieldRow:
    """One line from sums over lots."""
    sums = ClusterSums(
        found["lot_count"], found["tested"], found[count], found["tested_squared"],
        found[f"{count}_squared"], found[f"{count}_product"],
    )  # fmt: skip
    bounds = clustered(sums)
    return YieldRow(
        name=name, lots=sums.lots, tested=sums.units, passed=sums.passed,
        retested=found["retested"], recovered=found["recovered_prime"],
        down_binned=found["final_passed"] - found["final_prime"],
        ratio=ratio(sums.passed, sums.units), method=bounds.method if bounds else "",
        low=bounds.low if bounds else None, high=bounds.high if bounds else None,
        inflation=inflation(sums),
    )  # fmt: skip


def totals_asked(asked: YieldAsked, kind: YieldSlice = YieldSlice.WHOLE) -> QuerySet[YieldTotal]:
    """The totals of one slice that the question takes in."""
    narrowed = {
        "week__product__code": asked.product,
        "week__step_code": asked.step,
        "week__week": asked.week,
        "week__week__gte": asked.since,
    }
    return YieldTotal.objects.filter(slice=kind, **{key: at for key, at in narrowed.items() if at})


def product_rows(asked: YieldAsked) -> list[YieldRow]:
    """Each product with its yield rolled over its steps; its counts are of its last step."""
    rows = []
    by_product: dict[str, list[Mapping[str, Any]]] = {}
    for found in _sums(totals_asked(asked), "week__product__code", "week__step_code"):
        by_product.setdefault(found["week__product__code"], []).append(found)
    for code, members in sorted(by_product.items()):
        steps = _rolled(_in_route_order(members), asked.count)
        rows.append(replace(steps[-1], name=code))
    return rows


def step_rows(asked: YieldAsked) -> list[YieldRow]:
    """Each step of the product in order of the route, rolled up to it."""
    members = list(_sums(totals_asked(asked), "week__step_code"))
    return _rolled(_in_route_order(members), asked.count)


def week_rows(asked: YieldAsked) -> list[YieldRow]:
    """Each week, oldest first; the newest ROWS_MAX."""
    members = _sums(totals_asked(asked), "week__week").order_by("-week__week")[:ROWS_MAX]
    return [row_of(str(found["week__week"]), found, asked.count) for found in members][::-1]


def slice_rows(asked: YieldAsked) -> list[YieldRow]:
    """Each part of the slice that is asked, worst first."""
    members = _sums(totals_asked(asked, asked.by), "slice_key")[:ROWS_MAX]
    return _worst_first([(found["slice_key"], found) for found in members], asked)


def lot_rows(asked: YieldAsked) -> list[tuple[YieldRow, YieldBook]]:
    """Each lot of the week, with what it rests on, worst first."""
    books = list(books_asked(asked).select_related("lot_step__lot")[:ROWS_MAX])
    wafers = lot_wafers(books, asked.count)
    rows = []
    for book in books:
        there = wafers.get(book.lot_step_id)
        size = there.size if there else 0.0
        rows.append((_single(book.lot_step.lot.code, book, asked.count, (there, size)), book))
    return sorted(rows, key=lambda pair: (pair[0].ratio is None, pair[0].ratio, pair[0].name))


def part_rows(asked: YieldAsked, kinds: Iterable[YieldSlice]) -> dict[YieldSlice, list[YieldRow]]:
    """Each part of one lot at one step, by slice."""
    book = books_asked(asked).first()
    there = lot_wafers([book], asked.count).get(book.lot_step_id) if book else None
    parts = YieldPart.objects.filter(
        lot_step__lot__code=asked.lot, lot_step__step__code=asked.step, slice__in=kinds
    ).order_by("slice_key")
    members: dict[YieldSlice, list[YieldPart]] = {kind: [] for kind in kinds}
    for part in parts[: ROWS_MAX * len(members)]:
        members[YieldSlice(part.slice)].append(part)
    return {kind: _parts(asked.count, kind, rows, there) for kind, rows in members.items()}


def _parts(
    count: str, kind: YieldSlice, parts: Sequence[YieldPart], wafers: LotWafers | None
) -> list[YieldRow]:
    names = _names(kind, [part.slice_key for part in parts])
    sizes = [PartSize(kind, part.slice_key, part.tested) for part in parts]
    by_tester = units_by_tester(sizes)
    return [
        _single(
            names.get(size.key, size.key), part, count,
            (wafers, units_on_one_wafer(size, wafers, by_tester) if wafers else 0.0),
        )
        for part, size in zip(parts, sizes, strict=True)
    ]  # fmt: skip


def books_asked(asked: YieldAsked) -> QuerySet[YieldBook]:
    """Lot steps that the question takes in, engineering lots only when one is named."""
    narrowed = {
        "product__code": asked.product, "step_code": asked.step, "week": asked.week,
        "week__gte": asked.since, "lot_step__lot__code": asked.lot,
    }  # fmt: skip
    rows = YieldBook.objects.filter(**{key: at for key, at in narrowed.items() if at})
    return rows if asked.lot else rows.filter(is_counted=True)


def proof(asked: YieldAsked) -> Proof:
    """Rows used and left out, policies, and what of the expected is there, over all of it."""
    rows = books_asked(asked)
    found = rows.aggregate(
        lot_steps=Count("pk"), insertions=Sum("insertion_count"), left_out=Sum("left_out_count"),
        expected=Sum("expected"), covered=Sum("covered"), noun=Max("expected_noun"),
        nouns=Count("expected_noun", distinct=True),
    )  # fmt: skip
    is_told = found["nouns"] == 1
    return Proof(
        lot_steps=found["lot_steps"],
        insertions=found["insertions"] or 0,
        left_out=found["left_out"] or 0,
        expected=found["expected"] if is_told else None,
        covered=found["covered"] if is_told else None,
        noun=found["noun"] or "",
        policies=tuple(rows.order_by("policy").values_list("policy", flat=True).distinct()),
    )


def restated(asked: YieldAsked) -> QuerySet[YieldRestatement]:
    """Restated figures that the question takes in, newest first."""
    narrowed = {
        "product__code": asked.product, "step_code": asked.step, "week": asked.week,
        "week__gte": asked.since, "lot_step__lot__code": asked.lot,
    }  # fmt: skip
    rows = YieldRestatement.objects.filter(**{key: at for key, at in narrowed.items() if at})
    return rows.select_related("lot_step__lot").order_by("-pk")


def known_place(asked: YieldAsked) -> None:
    """MissingError for a place where nothing was ever counted."""
    if (asked.product or asked.lot) and not books_asked(asked).exists():
        words = [asked.product, asked.step, str(asked.week or ""), asked.lot]
        raise MissingError(
            f"No yield is known of {' '.join(word for word in words if word)}. "
            "Go back to the line and choose from there."
        )


def _sums(rows: QuerySet[YieldTotal], *fields: str) -> QuerySet[YieldTotal, dict[str, Any]]:
    sums = {name: Sum(name) for name in SUMS}
    found: QuerySet[YieldTotal, dict[str, Any]] = rows.order_by(*fields).values(*fields)
    return found.annotate(**sums)


def _in_route_order(members: Iterable[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    found = [(one["week__step_code"], one) for one in members]
    places = dict(
        Step.objects.filter(code__in=[code for code, _ in found])
        .order_by()
        .values_list("code")
        .annotate(place=Max("sequence"))
    )
    return sorted(found, key=lambda pair: (places.get(pair[0], 0), pair[0]))


def _rolled(members: Sequence[tuple[str, Mapping[str, Any]]], count: str) -> list[YieldRow]:
    rows: list[YieldRow] = []
    for code, found in members:
        row = row_of(code, found, count)
        rolled = rolled_ratio([rows[-1].rolled if rows else None, row.ratio])
        rows.append(replace(row, rolled=rolled))
    return rows


def _worst_first(
    members: Sequence[tuple[str, Mapping[str, Any]]], asked: YieldAsked
) -> list[YieldRow]:
    names = _names(asked.by, [key for key, _ in members])
    rows = [row_of(names.get(key, key), found, asked.count) for key, found in members]
    return sorted(rows, key=lambda row: (row.ratio is None, row.ratio, row.name))


def _names(kind: YieldSlice, keys: Sequence[str]) -> dict[str, str]:
    """Keys that are ids, as people know them."""
    if kind is not YieldSlice.PROGRAM:
        return {}
    rows = ProgramRevision.objects.filter(pk__in=[int(key) for key in keys])
    return {str(row.pk): str(row) for row in rows.select_related("program")}


def _single(
    name: str, tally: YieldBook | YieldPart, count: str, within: tuple[LotWafers | None, float]
) -> YieldRow:
    """Inside one lot. within: its wafers, and how many of the units are of one of them."""
    wafers, units = within
    passed, likeness = getattr(tally, count), wafers.likeness if wafers else None
    bounds = within_lot(passed, tally.tested, units, likeness)
    return YieldRow(
        name=name, lots=1, tested=tally.tested, passed=passed,
        retested=tally.retested, recovered=tally.recovered_prime,
        down_binned=tally.final_passed - tally.final_prime,
        ratio=ratio(passed, tally.tested), method=bounds.method if bounds else "",
        low=bounds.low if bounds else None, high=bounds.high if bounds else None,
        inflation=likeness.inflation(units) if likeness else 1.0,
    )  # fmt: skip
