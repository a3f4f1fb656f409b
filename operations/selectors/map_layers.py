"""What a wafer map draws: dies of one wafer, positions over a lot, values of a test."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count, Max, Q, QuerySet

from lots.domain.words import BinKind, UnitState
from lots.models import Lot, Step, Unit, Wafer
from operations.domain.bins import BinCount, BinLook, bin_looks
from testing.domain.words import Outcome, ParameterKind
from testing.models import BinDefinition, LotStep, Parameter, UnitResult

TESTS_MAX = 5_000
PASSED = Q(outcome=Outcome.PASS)


class Insertion(NamedTuple):
    """One insertion on a wafer, in order of its run and place in it."""

    run_id: int
    part_index: int
    wafer_id: int
    x: int
    y: int
    hard_bin: int | None
    soft_bin: int | None
    outcome: str
    attempt: int
    site: int
    is_first: bool
    is_final: bool


@dataclass(frozen=True, slots=True)
class Die:
    """A die of one wafer. first: outcome of its first insertion. serial: empty without a unit."""

    last: Insertion
    first: str
    serial: str


@dataclass(frozen=True, slots=True)
class Position:
    """A place over the wafers of a lot, counted in dies. changed: last differs from first."""

    x: int
    y: int
    tested: int
    failed_first: int
    failed_last: int
    changed: int


@dataclass(frozen=True, slots=True)
class SiteCount:
    """Dies by the tester site that decided them."""

    site: int
    tested: int
    passed: int

    @property
    def ratio(self) -> float:
        return self.passed / self.tested


@dataclass(frozen=True, slots=True)
class Material:
    """Whose map it is: one wafer in whatever lot it was tested, or all wafers of a lot."""

    lot: Lot
    wafer: Wafer | None = None

    def results(self, step: Step) -> QuerySet[UnitResult]:
        """Every insertion with a position at the step."""
        found = UnitResult.objects.filter(
            lot_step__step=step, x__isnull=False, y__isnull=False, wafer__isnull=False
        )
        if self.wafer is not None:
            return found.filter(wafer=self.wafer)
        return found.filter(lot_step__lot=self.lot)

    def lot_steps(self) -> QuerySet[LotStep]:
        """Where it has results on wafers."""
        if self.wafer is not None:
            own: dict[str, object] = {"runs__run_wafers__wafer": self.wafer}
        else:
            own = {"lot": self.lot, "runs__run_wafers__isnull": False}
        return LotStep.objects.filter(**own, runs__is_withdrawn=False)


@dataclass(frozen=True, slots=True)
class MapFacts:
    """What stands around the map. step: None without any map."""

    steps: tuple[Step, ...]
    step: Step | None
    sites: tuple[SiteCount, ...] = ()
    tests: tuple[Parameter, ...] = ()
    wafer_count: int = 0

    @property
    def tested(self) -> int:
        """Dies."""
        return sum(one.tested for one in self.sites)

    @property
    def passed(self) -> int:
        """Dies whose deciding insertion passed."""
        return sum(one.passed for one in self.sites)

    @property
    def ratio(self) -> float | None:
        """Final yield, 0 to 1."""
        return self.passed / self.tested if self.tested else None


@dataclass(frozen=True, slots=True)
class WaferDies:
    """Dies in order of y and x, and the look of every bin among them."""

    dies: tuple[Die, ...]
    looks: dict[tuple[int | None, bool], BinLook] = field(default_factory=dict)


def step_of(material: Material, step_code: str) -> Step | None:
    """The step named, or the first that has a map where none is; None without results there."""
    steps = _steps(material)
    if not step_code:
        return next(iter(steps), None)
    return next((one for one in steps if one.code == step_code), None)


def _steps(material: Material) -> tuple[Step, ...]:
    wanted = material.lot_steps().values("step")
    return tuple(Step.objects.filter(pk__in=wanted).order_by("sequence", "pk"))


def last_tested(material: Material, step: Step) -> str:
    """When the newest of its runs began, as E142 writes it: `20260302140500`."""
    newest = material.lot_steps().filter(step=step).aggregate(at=Max("runs__started_at"))["at"]
    return f"{newest:%Y%m%d%H%M%S}" if newest else ""


def die_aspect(lot: Lot) -> float:
    """Height of a die over its width; 1 where the product does not say."""
    width, height = lot.product.die_width_mm, lot.product.die_height_mm
    return height / width if width and height else 1.0


def map_facts(material: Material, step_code: str) -> MapFacts:
    """At the step named, or at the first that has a map."""
    steps = _steps(material)
    step = next((one for one in steps if one.code == step_code), next(iter(steps), None))
    if step is None:
        return MapFacts((), None)
    finals = material.results(step).filter(is_final=True)
    counted = finals.values_list("site").annotate(
        tested=Count("id"), passed=Count("id", filter=PASSED)
    )
    return MapFacts(
        steps=steps,
        step=step,
        sites=tuple(SiteCount(*row) for row in counted.order_by("site")),
        tests=measured_tests(material, step),
        wafer_count=finals.values("wafer").distinct().count(),
    )


def measured_tests(material: Material, step: Step) -> tuple[Parameter, ...]:
    """Tests with values there, each once however many revisions have it."""
    found = (
        Parameter.objects.filter(
            revision__runs__lot_step__in=material.lot_steps().filter(step=step)
        )
        .exclude(kind=ParameterKind.FUNCTIONAL)
        .order_by("number", "text", "occurrence", "-pk")
        .distinct("number", "text", "occurrence")
    )
    return tuple(found[:TESTS_MAX])


def insertions(material: Material, step: Step) -> list[Insertion]:
    """Every insertion with a position, in the order in which they happened."""
    rows = (
        material.results(step)
        .order_by("run__started_at", "run_id", "part_index")
        .values_list(*Insertion._fields)
    )
    return [Insertion(*row) for row in rows]


def wafer_dies(wafer: Wafer, step: Step) -> WaferDies:
    """Where two lots tested the wafer, the later run counts."""
    serials = _serials(wafer)
    lasts: dict[tuple[int, int], Insertion] = {}
    firsts: dict[tuple[int, int], str] = {}
    for one in insertions(Material(wafer.lot, wafer), step):
        if one.is_first:
            firsts.setdefault((one.y, one.x), one.outcome)
        if one.is_final:
            lasts[one.y, one.x] = one
    dies = tuple(
        Die(last, firsts.get(place, last.outcome), serials.get((last.x, last.y), ""))
        for place, last in sorted(lasts.items())
    )
    names = bin_names([die.last.run_id for die in dies])
    counts = Counter((die.last.hard_bin, die.last.outcome == Outcome.PASS) for die in dies)
    return WaferDies(
        dies,
        bin_looks(
            BinCount(number, names.get(number, "") if number is not None else "", is_pass, count)
            for (number, is_pass), count in counts.items()
        ),
    )


def bin_names(run_ids: Iterable[int]) -> dict[int, str]:
    """Names of hard bins in the programs of these runs."""
    named = BinDefinition.objects.filter(
        kind=BinKind.HARD, revision__runs__in=set(run_ids)
    ).distinct()
    return dict(named.order_by("pk").values_list("number", "name"))


def _serials(wafer: Wafer) -> dict[tuple[int, int], str]:
    """X and Y → serial, where the die has been given one."""
    there = Unit.objects.exclude(state=UnitState.WITHDRAWN)
    units = there.filter(wafer=wafer, x__isnull=False, y__isnull=False)
    return {
        (x, y): serial
        for x, y, serial in units.values_list("x", "y", "serial")
        if x is not None and y is not None
    }


def positions(lot: Lot, step: Step) -> list[Position]:
    """Every place over the lot's wafers, in order of y and x."""
    return stacked(insertions(Material(lot), step))


def stacked(rows: Sequence[Insertion]) -> list[Position]:
    """Places counted over wafers."""
    firsts: dict[tuple[int, int, int], str] = {}
    counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in rows:
        if one.is_first:
            firsts[one.wafer_id, one.x, one.y] = one.outcome
    for one in rows:
        if one.is_final:
            first = firsts.get((one.wafer_id, one.x, one.y), one.outcome) != Outcome.PASS
            last = one.outcome != Outcome.PASS
            place = counts[one.y, one.x]
            place[0] += 1
            place[1] += first
            place[2] += last
            place[3] += first != last
    return [Position(x, y, *counted) for (y, x), counted in sorted(counts.items())]
