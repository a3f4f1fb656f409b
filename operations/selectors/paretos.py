"""What failed most over chosen lots: bins of units, and tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Q, Sum

from lots.domain.words import BinKind
from operations.domain.fail_shares import FailShare
from operations.domain.run_parameters import Bar, pareto
from testing.domain.words import Outcome, ParameterKind
from testing.models import BinDefinition, ReadingSummary, UnitResult
from testing.selectors import that_count

FUNCTIONAL_MAX = 60
Origin = tuple[str, str]
"""Product and step."""


@dataclass(frozen=True, slots=True)
class LotParetos:
    """Units by their deciding insertion at a step; tests by insertions that failed them."""

    hard_bins: tuple[Bar, ...]
    soft_bins: tuple[Bar, ...]
    tests: tuple[Bar, ...]
    functional_bars: tuple[Bar, ...]
    functional: tuple[FunctionalFails, ...]


@dataclass(frozen=True, slots=True)
class FunctionalFails:
    """A functional test that failed. share: of all insertions in which it was tested.

    share.judged is 0 where one of its runs was loaded before it was kept how often it was tested.
    """

    parameter_id: int
    share: FailShare


@dataclass(frozen=True, slots=True)
class _Fails:
    """executed: None where it is not known. parameter_id: of one of its revisions."""

    origin: Origin
    name: str
    count: int
    executed: int | None = None
    parameter_id: int = 0
    is_functional: bool = False


def lot_paretos(lot_codes: Sequence[str], step_code: str = "") -> LotParetos:
    """Over every run of these lots that counts; five queries, however many lots."""
    of_lots: dict[str, object] = {"lot_step__lot__code__in": lot_codes}
    if step_code:
        of_lots["lot_step__step__code"] = step_code
    tests = _test_fails(of_lots)
    functional = [one for one in tests if one.is_functional]
    return LotParetos(
        _bars(_bin_fails(of_lots, BinKind.HARD)),
        _bars(_bin_fails(of_lots, BinKind.SOFT)),
        _bars(tests),
        _bars(functional),
        _functional(functional),
    )


def _bars(fails: Iterable[_Fails]) -> tuple[Bar, ...]:
    listed = list(fails)
    return pareto([(name, one.count) for name, one in _named(listed)])


def _named(fails: Sequence[_Fails]) -> list[tuple[str, _Fails]]:
    """Product and step stand before a name where there are several."""
    is_one = len({one.origin for one in fails}) < 2
    return [(one.name if is_one else " ".join((*one.origin, one.name)), one) for one in fails]


def _functional(fails: Sequence[_Fails]) -> tuple[FunctionalFails, ...]:
    """The most fails first."""
    most = sorted(_named(fails), key=lambda pair: (-pair[1].count, pair[0]))[:FUNCTIONAL_MAX]
    return tuple(
        FunctionalFails(one.parameter_id, FailShare(name, one.executed or 0, one.count))
        for name, one in most
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
    of_test = ("parameter__number", "parameter__text", "parameter__occurrence", "parameter__kind")
    origin = ("run__lot_step__lot__product__code", "run__lot_step__step__code")
    rows = (
        ReadingSummary.objects.filter(
            that_count("run"), **{f"run__{path}": value for path, value in of_lots.items()}
        )
        .values_list(*origin, *of_test)
        .annotate(
            count=Sum("fail_count"),
            executed=Sum("executed_count"),
            unknown=Count("id", filter=Q(executed_count=None)),
            one=Max("parameter_id"),
        )
        .filter(count__gt=0)
        .order_by(*origin, *of_test)
    )
    return [
        _Fails(
            (product, step),
            _test_name(number, text, occurrence),
            count,
            None if unknown else executed,
            parameter_id,
            kind == ParameterKind.FUNCTIONAL,
        )
        for (product, step, number, text, occurrence, kind, count, executed, unknown,
             parameter_id) in rows
    ]  # fmt: skip


def _test_name(number: int, text: str, occurrence: int) -> str:
    again = f" no. {occurrence + 1}" if occurrence else ""
    return f"{number} {text}".strip() + again
