"""How measured values and statistics are written on pages of test data."""

from __future__ import annotations

import math

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from operations.domain.measures import NOTHING, Measured, scaled
from operations.templatetags.trade import icon

register = template.Library()

CHANCE_LEAST = 1e-4


@register.filter
def scaled_as(value: float | None, test: Measured) -> str:
    """A measured value as its test asks to have it shown; the unit stands in a column head."""
    return scaled(test.units, test.scale).shown(value)


@register.filter
def unit_of(test: Measured) -> str:
    """The unit that goes with `scaled_as`; a dash for a bare number."""
    return scaled(test.units, test.scale).unit or NOTHING


@register.filter
def points(difference: float | None) -> str:
    """A difference of ratios in percent points, with its sign."""
    return NOTHING if difference is None else f"{difference * 100:+.1f}"


@register.filter
def chance(p_value: float | None) -> str:
    """A p-value to four places."""
    if p_value is None:
        return NOTHING
    return f"{p_value:.4f}" if p_value >= CHANCE_LEAST else "< 0.0001"


@register.filter
def percent_at_most(ratio: float) -> str:
    """A bound from 0 to 1 as percent with one place, rounded up; the sign stands beside it.

    However small, it is no zero: a bound promises that it is not passed.
    """
    return f"{max(math.ceil(round(ratio * 1000, 9)), math.ceil(ratio)) / 10:.1f}"


@register.simple_tag(takes_context=True)
def sort_head(
    context: RequestContext, order: str, text: str, chosen: str, is_number: bool = True
) -> SafeString:
    """A column head that orders the list by itself."""
    words = context["request"].GET.copy()
    words["order"] = order
    words.pop("page", None)
    is_chosen = order == chosen
    return format_html(
        '<th scope="col"{}{}><a href="?{}#tests">{}{}</a></th>',
        SafeString(' class="sc-number"' if is_number else ""),
        SafeString(' aria-sort="other"' if is_chosen else ""),
        words.urlencode(),
        text,
        SafeString(" ") + icon("sort") if is_chosen else "",
    )
