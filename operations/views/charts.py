from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from operations.forms.charts import ChartForm
from operations.selectors.charts import (
    chart_address,
    chart_cells,
    chart_words,
    panel_titles,
    pictures,
    point_rows,
    rescaled,
    scale_of,
    signal_rows,
    value_head,
)
from operations.selectors.limits import CHART_WORDS, VERSIONS_MAX, LimitLine, limit_lines
from operations.views.page import Page
from operations.views.sheets import sheet_file
from quality.domain.control import CHART_KINDS
from quality.domain.figures import figure_title
from quality.domain.limit_sets import LimitAsked
from quality.domain.words import LimitState, RuleSet
from quality.selectors.control_charts import control_chart, unit_of
from quality.selectors.limit_asking import LimitWords, asked_for
from quality.selectors.limit_versions import limit_versions
from supplychain.base.errors import MalformedError, RefusedError, SupplychainError

VIEW = "quality.view_limitversion"
PREPARE = "quality.add_limitversion"
WITHOUT = "These lots give no limits: too few of them, or nothing differs between them."


class ChartPage(Page):
    """A figure of a series on a control chart: its signals, and what may lie behind each."""

    template_name = "operations/chart.html"
    title = "Control charts"
    right = VIEW

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.GET
        form = ChartForm(words) if "product" in words else ChartForm()
        parts: dict[str, Any] = {"form": form, "may_see_issues": self.may("quality.view_issue")}
        if form.is_bound and form.is_valid():
            try:
                parts |= self.charted(form.words(), form.rule_set())
            except SupplychainError as error:
                parts["error"] = error
        elif not form.is_bound:
            parts["lines"] = released()
        return super().get_context_data(**{**parts, **kwargs})

    def charted(self, words: LimitWords, chosen: RuleSet) -> dict[str, Any]:
        """The chart that is asked for; without: why its lots give no limits."""
        asked = asked_for(words)
        chart = control_chart(asked, chosen, timezone.now())
        title, product = figure_title(asked.subject), words.product.code
        parts = {
            "asked": asked,
            "kind_words": CHART_WORDS[asked.kind],
            "heading": f"{title} of {product} at {asked.step_code}",
            "prepare": editor_address(words, asked) if self.may(PREPARE) else "",
        }
        if chart is None:
            return {**parts, "without": WITHOUT}
        scale = scale_of(asked)
        chart, unit = rescaled(chart, scale.factor), scale.unit
        return {
            **parts,
            "chart": chart,
            "titles": panel_titles(chart, unit),
            "head": value_head(asked.subject, "" if chart.is_share else unit),
            "pictures": pictures(chart, unit),
            "signals": signal_rows(chart),
            "points": point_rows(chart),
            "sheet": f"{reverse('operations:chart-csv')}?{self.request.GET.urlencode()}",
        }


class ChartCsv(Page):
    """The same chart as a sheet, with every lot of it."""

    right = VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ChartForm(request.GET)
        if not form.is_valid():
            raise MalformedError("Name a product, a step and a figure, as on the page of charts.")
        asked = asked_for(form.words())
        chart = control_chart(asked, form.rule_set(), timezone.now())
        if chart is None:
            raise RefusedError(WITHOUT)
        name = slugify(f"{form.words().product.code} {asked.step_code} {asked.subject}")
        return sheet_file(chart_cells(chart, unit_of(asked)), f"chart-{name}")


def editor_address(words: LimitWords, asked: LimitAsked) -> str:
    """Where the limits of this chart are prepared."""
    asks = {
        **chart_words(words.product.code, asked.step_code, asked.kind.value, asked.subject),
        "lots_max": asked.lots_max, "units_min": asked.units_min,
        "share_min": asked.share_min, "count_min": asked.count_min,
    }  # fmt: skip
    return f"{reverse('operations:limit-new')}?{urlencode(asks)}"


def released() -> list[tuple[LimitLine, str]]:
    """Versions of charts that count now, each with its chart's address."""
    versions = list(limit_versions().filter(kind__in=sorted(CHART_KINDS))[:VERSIONS_MAX])
    return [
        (line, chart_address(line.version))
        for line in limit_lines(timezone.now(), versions)
        if line.state is LimitState.IN_FORCE
    ]
