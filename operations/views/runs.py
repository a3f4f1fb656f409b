from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from operations.domain.run_parameters import (
    ORDERS,
    SHOWS,
    Asked,
    Bar,
    ParameterLine,
    parameter_page,
)
from operations.selectors import runs
from operations.views.page import Page, page_number
from operations.views.sheets import sheet_file
from testing.selectors import run_named

TESTS_PER_PAGE = 50
TEXT_CHARACTERS_MAX = 100
SHOW_WORDS = {
    "": "All tests",
    "failing": "With fails",
    "weak": "Ppk below 1.33",
    "sites": "Sites differ",
}


class RunPage(Page):
    """One test run: what its file holds and says, its tests, sites, bins and wafers."""

    template_name = "operations/run_detail.html"
    right: ClassVar[str] = "testing.view_run"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = run_named(self.kwargs["name"])
        view, asked = runs.run_view(run), self.asked()
        lines = runs.parameter_lines(run)
        parts = {
            "run": run,
            "title": f"Run {run.source_name}",
            "view": view,
            "asked": asked,
            "tests": parameter_page(lines, asked, TESTS_PER_PAGE),
            "test_count": len(lines),
            "shows": SHOW_WORDS.items(),
            "paretos": paretos(view, lines),
        }
        return super().get_context_data(**{**parts, **kwargs})

    def asked(self) -> Asked:
        """What the address says of the list; anything unknown is the default."""
        words = self.request.GET
        order, show = words.get("order", "fails"), words.get("show", "")
        return Asked(
            text=words.get("q", "").strip()[:TEXT_CHARACTERS_MAX],
            show=show if show in SHOWS else "",
            order=order if order in ORDERS else "fails",
            page=page_number(words.get("page", "")),
        )


def paretos(view: runs.RunView, lines: list[ParameterLine]) -> list[dict[str, Any]]:
    """Pictures of what failed most; those with something to show."""
    pictures = [
        ("hard-bins", "Failing hard bins", "Units", runs.bin_bars(view.bins, "hard")),
        ("soft-bins", "Failing soft bins", "Units", runs.bin_bars(view.bins, "soft")),
        ("failing-tests", "Failing tests", "Insertions", runs.parameter_bars(lines)),
    ]
    return pareto_pictures(pictures)


def pareto_pictures(
    pictures: Sequence[tuple[str, str, str, tuple[Bar, ...]]],
) -> list[dict[str, Any]]:
    """Name, title, unit and bars of each as its panel takes them; those without bars left out."""
    return [
        {
            "name": name,
            "title": title,
            "unit": unit,
            "bars": bars,
            "drawn": {
                "unit": unit,
                "labels": [bar.label for bar in bars],
                "counts": [bar.count for bar in bars],
                "shares": [round(bar.share * 100, 1) for bar in bars],
            },
        }
        for name, title, unit, bars in pictures
        if bars
    ]


class RunTestsCsv(Page):
    """Every test of a run as a row of a file; values and limits in base units."""

    right: ClassVar[str] = "testing.view_run"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run = run_named(self.kwargs["name"])
        names = [field.name for field in dataclasses.fields(ParameterLine)]
        names.remove("parameter_id")
        rows = ([getattr(line, name) for name in names] for line in runs.parameter_lines(run))
        return sheet_file((names, *rows), f"tests-{run.pk}")
