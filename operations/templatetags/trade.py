"""How figures, times and states are written on every page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from operations.domain.ages import age as age_between
from operations.domain.bins import mark_path
from operations.domain.quantities import counted
from operations.domain.signs import sign_of, verb_sign
from operations.domain.trend_drawing import draw_interval

register = template.Library()

NOTHING = "—"
VIEWS = {
    "lot": "operations:lot-detail",
    "wafer": "operations:wafer-detail",
    "unit": "operations:unit-detail",
    "rack": "operations:rack-detail",
    "site": "operations:site-detail",
}
MEASURES = {
    "leak_pressure_decay_bar": "Leak test: pressure decay, bar",
    "flow_litre_per_minute": "Flow, L/min",
    "supply_celsius": "Supply, °C",
    "return_celsius": "Return, °C",
    "dew_point_celsius": "Dew point, °C",
    "pressure_difference_bar": "Pressure difference, bar",
}


@register.filter
def when(moment: datetime | None) -> str:
    """Minute and zone: `2 Mar 2026 14:05 UTC`."""
    if moment is None:
        return NOTHING
    local = timezone.localtime(moment)
    text = f"{local.day} {local:%b %Y %H:%M %Z}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)


@register.filter
def on_day(day: date | None) -> str:
    """`2 Mar 2026`."""
    return NOTHING if day is None else f"{day.day} {day:%b %Y}"


@register.filter
def age(since: datetime | None, now: datetime) -> str:
    """Time from since until now, as people say it."""
    return NOTHING if since is None else age_between(since, now)


@register.filter
def percent(ratio: float | None) -> str:
    """A ratio from 0 to 1 as percent with one place; the sign stands in the column head."""
    return NOTHING if ratio is None else f"{ratio * 100:.1f}"


@register.filter
def amount(value: float | None, places: int = 0) -> str:
    """A count or measure with thousands set apart."""
    return NOTHING if value is None else f"{value:,.{places}f}"


@register.filter
def of(quantity: int, unit: str) -> str:
    """A quantity with its unit of measure: `8 switches`."""
    return counted(quantity, unit)


@register.filter
def word(value: object) -> str:
    """A word of ours as people read it: `final-test` is `Final test`."""
    if value == "ultraserver":
        return "UltraServer"
    text = str(value or "").replace("-", " ").replace("_", " ")
    return text[:1].upper() + text[1:]


@register.filter
def at(rows: Mapping[Any, Any], key: object) -> Any:
    """What a table holds under a key; nothing where it has none."""
    return rows.get(key, ())


@register.filter
def measure(kind: str) -> str:
    """A reading's kind with its unit behind a comma."""
    return MEASURES.get(kind) or word(kind)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawn sign; decoration only, the word beside it says the same."""
    return format_html('<span class="sc-icon" aria-hidden="true">{}</span>', name)


@register.simple_tag
def badge(value: object, text: str = "") -> SafeString:
    """A state as sign and word, coloured by how good it is."""
    sign = sign_of(str(value))
    return format_html(
        '<span class="sc-badge sc-badge-{}">{}{}</span>',
        sign.tone,
        icon(sign.icon),
        text or word(value),
    )


@register.inclusion_tag("operations/_interval.html")
def interval(ratio: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    """A yield with its interval as a small bar; nothing without units."""
    if ratio is None or low is None or high is None:
        return {"drawing": None}
    return {"drawing": draw_interval(ratio, low, high)}


@register.simple_tag
def verb_dot(verb: str) -> SafeString:
    """The sign of a ledger verb on a timeline."""
    sign = verb_sign(verb)
    return format_html('<span class="sc-dot sc-dot-{}">{}</span>', sign.tone, icon(sign.icon))


@register.simple_tag
def swatch_mark(mark: str) -> str:
    """A bin's mark as a path in a square of 16 units."""
    return mark_path(mark, {"left": 0, "top": 0, "right": 16, "bottom": 16})


@register.simple_tag
def linked(kind: str, name: str) -> str:
    """A name as a link to its page where it has one."""
    view = VIEWS.get(kind)
    if view is None or not name:
        return name
    return format_html('<a href="{}">{}</a>', reverse(view, args=[name]), name)
