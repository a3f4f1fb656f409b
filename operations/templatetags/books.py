"""How money and sums of the ledger are written, and where each leads."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from finance.selectors.balances import BUCKET, Bucket
from finance.selectors.lines import NO_STAGE
from operations.templatetags.trade import NOTHING, icon

register = template.Library()

CENT = Decimal("0.01")


@register.filter
def money(amount: Decimal | None) -> str:
    """To the cent, half to even; the currency stands in a head. What is no whole cent is told."""
    if amount is None:
        return NOTHING
    cents = amount.quantize(CENT)
    if amount and not cents:
        return f"{amount:,.6f}"
    return f"{cents + 0:,.2f}"


@register.filter
def unit_cost(amount: Decimal | None) -> str:
    """A cost of one unit with every place that counts; at least two."""
    if amount is None:
        return NOTHING
    whole, _, places = f"{amount:,.6f}".partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


@register.filter
def change(ratio: Decimal | None) -> str:
    """A change in percent with its sign; the percent sign stands in the column head."""
    return NOTHING if ratio is None else f"{100 * ratio:+.2f}"


@register.simple_tag
def proof(check: Decimal) -> SafeString:
    """The check of a sum: a tick and zero, or what is left with all its places."""
    if check:
        return format_html(
            '<span class="sc-badge sc-badge-bad">{}{}</span>', icon("error"), f"{check:,.6f}"
        )
    return format_html('<span class="sc-zero">{}0</span>', icon("check"))


@register.simple_tag
def lines_address(bucket: Bucket | None = None, **more: object) -> str:
    """The lines behind a sum: of a bucket, narrowed by more; what is empty is left out."""
    words: dict[str, object] = {}
    if bucket is not None:
        words = {name: getattr(bucket, name) or NO_STAGE for name in BUCKET}
    return address(words | more)


def address(words: Mapping[str, object]) -> str:
    """Of the page of lines."""
    kept = {name: value for name, value in words.items() if value not in {None, "", False}}
    return f"{reverse('operations:finance-lines')}?{urlencode(kept)}"
