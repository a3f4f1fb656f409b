"""What failed most over chosen lots: bins of units, and tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum

from lots.domain.words import BinKind
from operations.domain.run_parameters import Bar, pareto
from testing.domain.words import Outcome
from testing.models import BinDefinition, ReadingSummary, UnitResult
from testing.selectors import that_count

Origin = tuple[str, str]
"""Product and step."""


@dataclass(frozen=True, slots=True)
class LotParetos:
    """Units by their deciding insertion at a step; tests by insertions that failed them."""

    hard_bins: tuple[Bar, ...]
    soft_bins: tuple[Bar, ...]
    tests: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class _Fails:
    origin: Origin
    name: str
    count: int


def lot_paretos(lot_codes: Sequence[str], step_code: str = "") -> LotParetos:
    """Over every run of these lots that counts; five queries, however many lots."""
    of_lots: dict[str, object] = {"lot_step__lot__code__in": lot_codes}
    if step_code:
        of_lots["lot_step__step__code"] = step_code
    return LotParetos(
        _bars(_bin_fails(of_lots, BinKind.HARD)),
        _bars(_bin_fails(of_lots, BinKind.SOFT)),
        _bars(_test_fails(of_lots)),
    )


def _bars(fails: Iterable[_Fails]) -> tuple[Bar, ...]:
    """Product and step stand before a name where there are several."""
    listed = list(fails)
    is_one = len({one.origin for one in listed}) < 2
    return pareto(
        [(one.name if is_one else " ".join((*one.origin, one.name)), one.count) for one in listed]
    )


def _bin_fails(of_lots: dict[str, object], kind: BinKind) -> list[_Fails]:
    field = f"{kind}_bin"
    rows = list(
        UnitResult.objects.filter(that_count("run"), is_final=True, **of_lots)
        .exclude(outcome=Outcome.PASS)
        .values_list("lot_step__lot__product__code", "lot_step__step__code", field)
        .annotate(count=Count("id"))
        .order_by("lot_step__lot__product__code", "lot_step__step__code", field)
    )
    if kind is BinKind.SOFT and all(number is None for *_, number, _ in rows):
        return []
    names = _bin_names(of_lots, kind)
    return [
        _Fails((product, step), _bin_name(number, names.get((product, step, number), "")), count)
        for product, step, number, count in rows
    ]


def _bin_names(of_lots: dict[str, object], kind: BinKind) -> dict[tuple[str, str, int], str]:
    named = (
        BinDefinition.objects.filter(
            kind=kind, **{f"revision__runs__{path}": value for path, value in of_lots.items()}
        )
        .order_by("pk")
        .values_list(
            "revision__runs__lot_step__lot__product__code",
            "revision__runs__lot_step__step__code",
            "number",
            "name",
        )
        .distinct()
    )
    return {(product, step, number): name for product, step, number, name in named}


def _bin_name(number: int | None, name: str) -> str:
    return f"{'none' if number is None else number} {name}".strip()


def _test_fails(of_lots: dict[str, object]) -> list[_Fails]:
    of_test = ("parameter__number", "parameter__text", "parameter__occurrence")
    origin = ("run__lot_step__lot__product__code", "run__lot_step__step__code")
    rows = (
        ReadingSummary.objects.filter(
            that_count("run"), **{f"run__{path}": value for path, value in of_lots.items()}
        )
        .values_list(*origin, *of_test)
        .annotate(count=Sum("fail_count"))
        .filter(count__gt=0)
        .order_by(*origin, *of_test)
    )
    return [
        _Fails((product, step), _test_name(number, text, occurrence), count)
        for product, step, number, text, occurrence, count in rows
    ]


def _test_name(number: int, text: str, occurrence: int) -> str:
    again = f" no. {occurrence + 1}" if occurrence else ""
    return f"{number} {text}".strip() + again
