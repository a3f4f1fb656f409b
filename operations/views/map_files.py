"""What a map is drawn from, and the same to take away: JSON, CSV, SEMI E142."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse

from intake.domain.maps.e142_writer import write_e142
from lots.models import Step
from operations.domain.map_export import Exported, ExportedDie, bin_map
from operations.selectors import lots, map_layers, map_values
from operations.selectors.map_layers import Material
from operations.views.page import Page
from operations.views.sheets import sheet_file
from supplychain.base.errors import MissingError
from testing.domain.words import Outcome

CSV_HEADS = (
    "wafer", "x", "y", "hard_bin", "soft_bin", "outcome", "first_outcome", "attempts", "site",
    "serial",
)  # fmt: skip
CODES = {outcome: place for place, outcome in enumerate(Outcome)}


class WaferFile(Page):
    """Something about one wafer at one step. MissingError without results there."""

    right: ClassVar[str] = "testing.view_unitresult"

    @cached_property
    def material(self) -> Material:
        wafer = lots.wafer_by_code(self.kwargs["code"])
        return Material(wafer.lot, wafer)

    @property
    def step(self) -> Step:
        found = map_layers.step_of(self.material, self.request.GET.get("step", ""))
        if found is None:
            raise MissingError("There are no results by position at this step.")
        return found

    @property
    def name(self) -> str:
        """For a file: letters and digits only."""
        owner = self.material.wafer or self.material.lot
        return "".join(one if one.isalnum() else "-" for one in f"{owner.code}-{self.step.code}")

    def sheet_of(self, rows: Iterable[Sequence[object]]) -> HttpResponse:
        """The rows, to take away."""
        return sheet_file(rows, f"map-{self.name}")


class LotFile(WaferFile):
    """The same over all wafers of a lot."""

    @cached_property
    def material(self) -> Material:
        return Material(lots.lot_by_code(self.kwargs["code"]))


class WaferMapJson(WaferFile):
    """Dies as columns, and how each bin looks."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wafer = self.material.wafer
        assert wafer is not None
        found = map_layers.wafer_dies(wafer, self.step)
        place = {key: index for index, key in enumerate(found.looks)}
        lasts = [die.last for die in found.dies]
        keys = [(last.hard_bin, last.outcome == Outcome.PASS) for last in lasts]
        body = {
            "looks": [
                {"title": look.title, "style": look.style, "mark": look.mark, "count": look.count}
                for look in found.looks.values()
            ],
            "outcomes": list(Outcome),
            "x": [last.x for last in lasts],
            "y": [last.y for last in lasts],
            "look": [place[key] for key in keys],
            "soft": [last.soft_bin for last in lasts],
            "outcome": [CODES[Outcome(last.outcome)] for last in lasts],
            "first": [CODES[Outcome(die.first)] for die in found.dies],
            "attempts": [last.attempt for last in lasts],
            "site": [last.site for last in lasts],
            "serial": [die.serial for die in found.dies],
        }
        return JsonResponse(body)


class LotMapJson(LotFile):
    """Places as columns, counted over the wafers."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = map_layers.positions(self.material.lot, self.step)
        names = ("x", "y", "tested", "failed_first", "failed_last", "changed")
        return JsonResponse({name: [getattr(one, name) for one in found] for name in names})


class WaferValuesJson(WaferFile):
    """One test's values by place, in the unit that the page shows."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        test = map_values.parameter_by_id(request.GET.get("test", ""))
        found = map_values.placed_values(self.material, self.step, test)
        factor = found.scaled.factor
        body = {
            "test": str(test),
            "unit": found.scaled.unit,
            "low": None if test.limit_low is None else test.limit_low * factor,
            "high": None if test.limit_high is None else test.limit_high * factor,
            "unmeasured": found.unmeasured,
            "x": [one.x for one in found.places],
            "y": [one.y for one in found.places],
            "value": [one.value * factor for one in found.places],
            "count": [one.count for one in found.places],
            "failed": [one.failed for one in found.places],
        }
        return JsonResponse(body)


class LotValuesJson(LotFile, WaferValuesJson):
    """The same, averaged over the wafers of a lot."""


class WaferMapCsv(WaferFile):
    """Every die as a row; with a test named, its value too, in base units."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wafer = self.material.wafer
        assert wafer is not None
        heads, values = list(CSV_HEADS), {}
        if word := request.GET.get("test", ""):
            test = map_values.parameter_by_id(word)
            heads.append(f"{test} {test.units}".strip())
            found = map_values.placed_values(self.material, self.step, test)
            values = {(one.x, one.y): one.value for one in found.places}
        rows: list[Sequence[object]] = [heads]
        for die in map_layers.wafer_dies(wafer, self.step).dies:
            last = die.last
            row = [
                wafer.code, last.x, last.y, last.hard_bin, last.soft_bin, last.outcome,
                die.first, last.attempt, last.site, die.serial,
            ]  # fmt: skip
            rows.append([*row, values.get((last.x, last.y), "")] if word else row)
        return self.sheet_of(rows)


class LotMapCsv(LotFile):
    """Every place over the wafers as a row; with a test named, its mean too, in base units."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = self.step
        heads, values = _stacked_values(self.material, step, request.GET.get("test", ""))
        names = ("x", "y", "tested", "failed_first", "failed_last", "changed")
        rows: list[Sequence[object]] = [[*names, *heads]]
        blank = ["" for _ in heads]
        for one in map_layers.positions(self.material.lot, step):
            counts = [getattr(one, name) for name in names]
            rows.append([*counts, *values.get((one.x, one.y), blank)])
        return self.sheet_of(rows)


def _stacked_values(
    material: Material, step: Step, word: str
) -> tuple[list[str], dict[tuple[int, int], list[float]]]:
    """Heads and, by X and Y, the mean of a test with how many values and fails; none unasked."""
    if not word:
        return [], {}
    test = map_values.parameter_by_id(word)
    found = map_values.placed_values(material, step, test)
    heads = [f"mean {test} {test.units}".strip(), "values", "failed_values"]
    return heads, {(one.x, one.y): [one.value, one.count, one.failed] for one in found.places}


class WaferMapE142(WaferFile):
    """Hard bins of the deciding insertions, as SEMI E142."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wafer, step = self.material.wafer, self.step
        assert wafer is not None
        found = map_layers.wafer_dies(wafer, step).dies
        dies = [
            ExportedDie(die.last.x, die.last.y, die.last.hard_bin, die.last.outcome == Outcome.PASS)
            for die in found
        ]
        about = Exported(
            wafer=wafer.code,
            lot=wafer.lot.code,
            step=step.code,
            created_at=map_layers.last_tested(self.material, step),
        )
        names = map_layers.bin_names(die.last.run_id for die in found)
        response = HttpResponse(
            write_e142(bin_map(about, dies, names)), content_type="application/xml"
        )
        response["Content-Disposition"] = f'attachment; filename="map-{self.name}.xml"'
        return response
