"""How wafers of a map lie, as the files of their runs say."""

from __future__ import annotations

from django.db.models import Q

from intake.models import RawFile
from lots.models import Step
from operations.domain.orientation import Orientation, agreed
from operations.selectors.map_layers import Material
from testing.selectors import that_count

FILES_MAX = 200


def orientation_of(material: Material, step: Step | None) -> Orientation:
    """Of the newest files at the step that count; unknown where they differ or say nothing."""
    if step is None:
        return Orientation()
    if material.wafer is None:
        of_material = Q(run__lot_step__lot=material.lot, run__run_wafers__isnull=False)
    else:
        of_material = Q(run__run_wafers__wafer=material.wafer)
    layouts = (
        RawFile.objects.filter(of_material, that_count("run"), run__lot_step__step=step)
        .distinct()
        .order_by("-run_id")
        .values_list("run_id", "summary__wafer_layout")[:FILES_MAX]
    )
    return agreed(_orientation(layout) for _, layout in layouts if layout)


def _orientation(layout: dict[str, str | float | None]) -> Orientation:
    width, height = (layout.get(f"die_{side}_mm") for side in ("width", "height"))
    return Orientation(
        flat=str(layout.get("flat") or ""),
        x=str(layout.get("x") or ""),
        y=str(layout.get("y") or ""),
        die_width_mm=float(width) if width else None,
        die_height_mm=float(height) if height else None,
    )
