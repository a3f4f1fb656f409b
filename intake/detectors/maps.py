"""Partners' bin maps that count other good dies than we do."""

from __future__ import annotations

from datetime import datetime

from intake.models import WaferMap
from intake.selectors import differing_maps
from quality.detectors.frame import Evidence, Finding, Severity, resting_on


class MapDiffers:
    """One cause a wafer; it clears when a map comes that agrees."""

    code = "wafer-map-differs"
    description = "A partner's bin map has another number of good dies than stand recorded here."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        maps = differing_maps()
        return resting_on((_finding(one) for one in maps), maps)


def _finding(one: WaferMap) -> Finding:
    return Finding(
        cause_key=f"{MapDiffers.code}:{one.wafer.code}",
        title=f"Map of wafer {one.wafer.code} has {one.good_count} good dies, we "
        f"{one.known_good_count}",
        severity=Severity.MAJOR,
        revision=str(one.pk),
        evidence=Evidence(
            statistic="good dies of the map",
            value=one.good_count,
            limit=one.known_good_count,
            method="map-count-v1",
            facts={
                "wafer": one.wafer.code,
                "lot": one.wafer.lot.code,
                "file": one.file.name,
                "sha256": one.file.sha256,
                "dies_of_the_map": one.die_count,
                "dies_here": one.known_die_count or 0,
                "dies_judged_otherwise": one.differing_count,
            },
        ),
    )
