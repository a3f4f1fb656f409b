from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from operations.domain.pattern_drawing import PatternDrawing, PlaceCount, draw_pattern
from operations.domain.wafer_drawing import DieSize
from operations.selectors.map_layers import Material
from operations.selectors.orientations import orientation_of
from operations.views.page import Page
from operations.views.sheets import sheet_file
from operations.views.yields import WINDOWS, trail, window, yield_asked
from quality.domain.words import YieldGrade, YieldPass
from quality.selectors import yield_levels
from quality.selectors.die_yields import LOTS_MAX, DieYield, DieYields, die_yields

COLUMNS = (
    "x", "y", "lots", "tested", "passed", "ratio", "low", "high", "inflation", "method",
    "grade", "insertion",
)  # fmt: skip


class DieYieldPage(Page):
    """Yield of each die position over the newest lots of a product at a step, as a wafer map."""

    template_name = "operations/die_yields.html"
    title = "Yield by die"
    right: ClassVar[str] = "quality.view_yieldfigure"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.GET
        asked = yield_asked(words, timezone.now().date())
        yield_levels.known_place(asked)
        is_chosen = bool(asked.product and asked.step)
        parts: dict[str, Any] = {
            "asked": asked,
            "is_chosen": is_chosen,
            "trail": trail(asked, words),
            "windows": WINDOWS.items(),
            "window": window(words),
            "grades": list(YieldGrade),
            "passes": list(YieldPass),
            "lots_max": LOTS_MAX,
            "explorer": f"{reverse('operations:yields')}?{words.urlencode()}",
            "csv": f"{reverse('operations:yield-dies-csv')}?{words.urlencode()}",
        }
        if is_chosen:
            found = die_yields(asked)
            drawing = _drawn(found)
            places = zip(drawing.places, found.rows, strict=True) if drawing else ()
            parts |= {"found": found, "drawing": drawing, "places": list(places)}
        return super().get_context_data(**{**parts, **kwargs})


class DieYieldCsv(Page):
    """The same figures as rows."""

    right: ClassVar[str] = "quality.view_yieldfigure"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = yield_asked(request.GET, timezone.now().date())
        yield_levels.known_place(asked)
        rows = die_yields(asked).rows if asked.product and asked.step else ()
        told = ([*_told(row), asked.grade, asked.passed] for row in rows)
        return sheet_file((COLUMNS, *told), "die-yields")


def _told(row: DieYield) -> list[object]:
    bounds = row.interval
    return [
        row.x, row.y, row.lots, row.tested, row.passed, row.ratio, bounds.low, bounds.high,
        row.inflation, bounds.method,
    ]  # fmt: skip


def _drawn(found: DieYields) -> PatternDrawing | None:
    if not found.rows or found.newest is None:
        return None
    lot, step = found.newest
    size = DieSize(lot.product.die_width_mm, lot.product.die_height_mm)
    counts = [PlaceCount(row.x, row.y, row.tested, row.tested - row.passed) for row in found.rows]
    return draw_pattern(counts, (), size, orientation_of(Material(lot), step))
