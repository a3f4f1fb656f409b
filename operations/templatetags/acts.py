"""What a page offers to do with one lot or many."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import RequestContext

from lots.domain.rules import CORRECTABLE
from lots.models import Event
from operations.services.bulk_acts import BULK_ACTS

register = template.Library()


@register.inclusion_tag("operations/_bulk_bar.html", takes_context=True)
def bulk_bar(context: RequestContext) -> dict[str, Any]:
    """What the person may do with many lots; nothing for those who may do nothing."""
    request = context["request"]
    acts = [act for act in BULK_ACTS.values() if request.user.has_perm(act.right)]
    return {"bulk_acts": acts, "request": request}


@register.filter
def is_correctable(event: Event) -> bool:
    """Whether a person may undo such an event by another."""
    return event.verb in CORRECTABLE
