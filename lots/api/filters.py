from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from lots.domain.words import LotPurpose, LotState
from lots.models import Lot
from supplychain.base.choices import choices


class LotFilter(filters.FilterSet):
    """The columns people look lots up by; every one is indexed or narrows an index."""

    state = filters.ChoiceFilter(choices=choices(LotState))
    purpose = filters.ChoiceFilter(choices=choices(LotPurpose))
    product = filters.CharFilter("product__code", max_length=64, label="Product code.")
    step = filters.CharFilter("step__code", max_length=32, label="Step code, on any route.")
    supplier = filters.CharFilter("custodian__code", max_length=32, label="Who has it now.")
    on_hold = filters.BooleanFilter("is_on_hold", label="Whether a hold is open.")
    q = filters.CharFilter(method="by_prefix", max_length=64, label="Start of the lot code.")

    class Meta:
        model = Lot
        fields: list[str] = []

    def by_prefix(self, lots: QuerySet[Lot], name: str, value: str) -> QuerySet[Lot, Any]:
        return lots.filter(code__startswith=value)
