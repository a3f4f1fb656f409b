from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone

from operations.selectors.charts import chart_words
from operations.views.page import Page
from operations.views.sheets import sheet_file
from quality.domain.words import LimitKind, Statistic, YieldGrade, YieldPass, YieldSlice
from quality.selectors import yield_levels
from quality.selectors.yield_levels import LOG_ROWS, YieldAsked, YieldRow
from supplychain.base.errors import MalformedError

WORDS_MAX = 64
WINDOWS = {"13": "13 weeks", "26": "26 weeks", "52": "A year", "0": "All weeks"}
SLICES = [one for one in YieldSlice if one not in {YieldSlice.WHOLE, YieldSlice.WAFER}]
COLUMNS = (
    "lots", "tested", "passed", "retested", "recovered", "down_binned", "ratio", "low", "high",
    "inflation", "method", "rolled",
)  # fmt: skip
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture and its table. noun: head of the first column. links: by row, "" for none."""

    name: str
    title: str
    noun: str
    rows: Sequence[YieldRow]
    links: Sequence[str]
    is_rolled: bool = False
    is_trend: bool = False

    @property
    def lines(self) -> list[tuple[YieldRow, str]]:
        """Rows with where they lead."""
        return list(zip(self.rows, self.links, strict=True))

    @property
    def drawn(self) -> dict[str, Any]:
        """What the picture needs, in percent."""
        return {
            "name": self.name,
            "noun": self.noun,
            "trend": self.is_trend,
            "points": [
                {
                    "label": row.name, "ratio": _percent(row.ratio), "low": _percent(row.low),
                    "high": _percent(row.high), "rolled": _percent(row.rolled),
                    "tested": row.tested, "passed": row.passed, "lots": row.lots, "to": link,
                }
                for row, link in self.lines
            ],
        }  # fmt: skip


class YieldPage(Page):
    """Yield from the line down to a wafer, and from there to its die map."""

    template_name = "operations/yields.html"
    title = "Yield explorer"
    right: ClassVar[str] = "quality.view_yieldfigure"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.GET
        asked = yield_asked(words, timezone.now().date())
        yield_levels.known_place(asked)
        shown = panels(asked, words)
        parts = {
            "asked": asked,
            "panels": shown,
            "drawn": [panel.drawn for panel in shown],
            "is_empty": not any(panel.rows for panel in shown),
            "trail": trail(asked, words),
            "windows": WINDOWS.items(),
            "window": window(words),
            "slices": SLICES,
            "grades": list(YieldGrade),
            "passes": list(YieldPass),
            "proof": yield_levels.proof(asked),
            "log": yield_levels.restated(asked)[:LOG_ROWS],
            "chart": chart_of_step(asked) if self.may("quality.view_limitversion") else "",
            "dies": f"{reverse('operations:yield-dies')}?{words.urlencode()}" if asked.step else "",
            "csv": f"{reverse('operations:yield-csv')}?{words.urlencode()}",
        }
        return super().get_context_data(**{**parts, **kwargs})


class YieldCsv(Page):
    """The same figures as rows."""

    right: ClassVar[str] = "quality.view_yieldfigure"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = yield_asked(request.GET, timezone.now().date())
        yield_levels.known_place(asked)
        rows = (
            [panel.noun, row.name, asked.grade, asked.passed, *_told(row)]
            for panel in panels(asked, request.GET)
            for row in panel.rows
        )
        head = ["level", "name", "grade", "insertion", *COLUMNS]
        return sheet_file((head, *rows), "yields")


def _told(row: YieldRow) -> list[object]:
    return [getattr(row, column) for column in COLUMNS]


def yield_asked(words: QueryDict, today: date) -> YieldAsked:
    """What an address asks. MalformedError for a week or word that is none."""
    weeks = int(window(words))
    monday = today - timedelta(days=today.weekday())
    return YieldAsked(
        product=words.get("product", "").strip()[:WORDS_MAX],
        step=words.get("step", "").strip()[:WORDS_MAX],
        week=_day(words.get("week", "")),
        lot=words.get("lot", "").strip()[:WORDS_MAX],
        since=monday - timedelta(weeks=weeks) if weeks else None,
        by=_word(words, "by", SLICES, YieldSlice.ZONE),
        grade=_word(words, "grade", list(YieldGrade), YieldGrade.SELLABLE),
        passed=_word(words, "insertion", list(YieldPass), YieldPass.FINAL),
    )


def window(words: QueryDict) -> str:
    """Weeks back, 0 for all."""
    found = words.get("weeks", "26")
    if found not in WINDOWS:
        raise MalformedError(f"Weeks are one of: {', '.join(WINDOWS)}.")
    return found


def _word(words: QueryDict, name: str, known: Sequence[Word], usual: Word) -> Word:
    said = words.get(name, "") or usual.value
    for one in known:
        if one.value == said:
            return one
    raise MalformedError(f"{name} is one of: {', '.join(known)}.")


def _day(word: str) -> date | None:
    if not word:
        return None
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise MalformedError("A week is the day of its Monday, as 2026-03-02.") from None


def panels(asked: YieldAsked, words: QueryDict) -> list[Panel]:
    """The level that is asked, and the slices beside it."""
    if not asked.product:
        rows = yield_levels.product_rows(asked)
        links = [_to(words, product=row.name) for row in rows]
        return [Panel("level", "Products of the line", "Product", rows, links, is_rolled=True)]
    if not asked.step:
        rows = yield_levels.step_rows(asked)
        links = [_to(words, step=row.name) for row in rows]
        return [Panel("level", "Steps in order of the route", "Step", rows, links, is_rolled=True)]
    if asked.lot:
        return _lot_panels(asked)
    sliced = yield_levels.slice_rows(asked)
    beside = Panel("slice", f"By {asked.by}", asked.by.capitalize(), sliced, [""] * len(sliced))
    if asked.week is None:
        rows = yield_levels.week_rows(asked)
        links = [_to(words, week=row.name) for row in rows]
        return [Panel("level", "Week by week", "Week of", rows, links, is_trend=True), beside]
    lots = [row for row, _ in yield_levels.lot_rows(asked)]
    links = [_to(words, lot=row.name) for row in lots]
    return [Panel("level", "Lots of the week, worst first", "Lot", lots, links), beside]


def _lot_panels(asked: YieldAsked) -> list[Panel]:
    parts = yield_levels.part_rows(asked, (YieldSlice.WHOLE, YieldSlice.WAFER, asked.by))
    whole, wafers, sliced = parts[YieldSlice.WHOLE], parts[YieldSlice.WAFER], parts[asked.by]
    links = [reverse("operations:wafer-detail", args=[row.name]) for row in wafers]
    shown = [
        Panel("level", "Wafers; each leads to its die map", "Wafer", wafers, links),
        Panel("slice", f"By {asked.by}", asked.by.capitalize(), sliced, [""] * len(sliced)),
    ]
    lot = [replace(row, name=asked.lot) for row in whole]
    to_lot = [reverse("operations:lot-detail", args=[asked.lot])] * len(lot)
    return shown if wafers else [Panel("level", "The lot", "Lot", lot, to_lot), shown[1]]


def _to(words: QueryDict, **more: str) -> str:
    kept = {name: words[name] for name in words if words[name]}
    return f"?{urlencode({**kept, **more})}"


def chart_of_step(asked: YieldAsked) -> str:
    """The lots of the step on a control chart; empty above the level of a step."""
    if not asked.step:
        return ""
    subject = Statistic.FIRST_YIELD if asked.passed is YieldPass.FIRST else Statistic.FINAL_YIELD
    words = chart_words(asked.product, asked.step, LimitKind.CHART_LANEY.value, subject.value)
    return f"{reverse('operations:chart')}?{urlencode(words)}"


def trail(asked: YieldAsked, words: QueryDict) -> list[tuple[str, str]]:
    """Levels from the line to here, each with its address; "" for the last."""
    levels = [
        ("", "Line"), ("product", asked.product), ("step", asked.step),
        ("week", str(asked.week or "")), ("lot", asked.lot),
    ]  # fmt: skip
    held = [(name, text) for name, text in levels if text]
    kept = {name: words[name] for name in ("weeks", "by", "grade", "insertion") if name in words}
    found = []
    for place, (_, text) in enumerate(held):
        path = {name: said for name, said in held[: place + 1] if name}
        is_last = place == len(held) - 1
        found.append((text, "" if is_last else f"?{urlencode({**kept, **path})}"))
    return found


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio * 100, 2)
