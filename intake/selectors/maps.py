"""Bin maps of wafers."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from intake.models import NEWEST_FIRST, WaferMap
from quality.domain.partial import first_of

MAPS_MAX = 1000


def newest_maps() -> QuerySet[WaferMap]:
    """The map of each wafer that counts."""
    newest = WaferMap.objects.order_by("wafer_id", *NEWEST_FIRST).distinct("wafer_id")
    return WaferMap.objects.filter(pk__in=newest.values("pk")).select_related("wafer__lot", "file")


def differing_maps() -> list[WaferMap]:
    """Newest maps with other good dies than stood recorded here when they came, oldest first."""
    differs = ~Q(good_count=F("known_good_count")) | Q(differing_count__gt=0)
    maps = newest_maps().filter(differs, known_good_count__isnull=False)
    return first_of(maps.order_by("id"), MAPS_MAX)
