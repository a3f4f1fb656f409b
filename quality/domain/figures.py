"""Figures of a lot at a step that can stand on a control chart: the one list of them."""

from __future__ import annotations

from dataclasses import dataclass

from quality.domain.measures import Measure
from quality.domain.words import LimitKind

SINGLE = (LimitKind.CHART_IMR, LimitKind.CHART_EWMA, LimitKind.CHART_CUSUM)
KINDS = {
    Measure.SHARE: (LimitKind.CHART_LANEY, LimitKind.CHART_P, *SINGLE),
    Measure.RATE: (LimitKind.CHART_LANEY, LimitKind.CHART_U, *SINGLE),
    Measure.VALUE: SINGLE,
    Measure.DURATION: SINGLE,
}
BIN = "hard bin"
TEST = "test"


@dataclass(frozen=True, slots=True)
class Figure:
    """code: as said. group: heads its place in a list. unit: of its values; empty: of the test.

    counted, size: what is counted, and in how many of what; empty where nothing is. size_min:
    smaller lots are left out unless somebody says otherwise. argument: what a number behind the
    code names; empty for no number.
    """

    code: str
    name: str
    group: str
    measure: Measure
    unit: str
    counted: str
    size: str
    size_min: int
    argument: str = ""

    @property
    def kinds(self) -> tuple[LimitKind, ...]:
        """Charts that it can stand on; the first is the one to take."""
        found = KINDS[self.measure]
        return (*found, LimitKind.CHART_U) if self.argument == BIN else found


FIGURES = {
    figure.code: figure
    for figure in (
        Figure("final-yield", "Final yield", "Yield", Measure.SHARE, "%", "passed", "units", 20),
        Figure(
            "first-yield", "First-pass yield", "Yield", Measure.SHARE, "%",
            "passed at first", "units", 20,
        ),
        Figure(
            "bin", "Units in hard bin", "Fails", Measure.SHARE, "%", "in bin", "units", 20, BIN
        ),
        Figure(
            "fails-per-wafer", "Failed dies per wafer", "Fails", Measure.RATE, "dies per wafer",
            "failed", "wafers", 1,
        ),
        Figure(
            "burn-in-fallout", "Burn-in fallout", "Fails", Measure.SHARE, "%",
            "failed", "units", 20,
        ),
        Figure(
            "retest-share", "Units tested again", "Retests", Measure.SHARE, "%",
            "tested again", "units", 20,
        ),
        Figure(
            "recovered-share", "Recovered of those tested again", "Retests", Measure.SHARE, "%",
            "recovered", "tested again", 8,
        ),
        Figure(
            "test-mean", "Mean of test", "Tests", Measure.VALUE, "", "", "values", 20, TEST
        ),
        Figure(
            "test-median", "Median of test", "Tests", Measure.VALUE, "", "", "values", 20, TEST
        ),
        Figure("step-hours", "Hours at the step", "Time", Measure.DURATION, "h", "", "", 1),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedFigure:
    """number: the hard bin or test as said, digits; empty for figures without one."""

    figure: Figure
    number: str


def named_figure(subject: str) -> NamedFigure | None:
    """`final-yield`, `5` (a hard bin), `test-mean 1001`; words behind the number only tell of it.

    None for anything else.
    """
    code, *rest = subject.split()[:2] or [""]
    if code.isdigit() and code.isascii():
        return NamedFigure(FIGURES["bin"], code)
    figure, number = FIGURES.get(code), "".join(rest)
    if figure is None or (number.isdigit() and number.isascii()) is not bool(figure.argument):
        return None
    return NamedFigure(figure, number) if figure.argument or not rest else None


def figure_title(subject: str) -> str:
    """`Hours at the step`, `Mean of test 1001 Vdd`, `Units in hard bin 5`."""
    figure = figure_of(subject)
    words = subject.removeprefix(figure.code).strip()
    return f"{figure.name} {words}".strip()


def figure_of(subject: str) -> Figure:
    """Of a chart that was asked for."""
    named = named_figure(subject)
    assert named is not None, "a chart is of a known figure"
    return named.figure
