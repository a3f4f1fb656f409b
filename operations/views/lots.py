from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from lots.models import Hold
from lots.selectors import open_holds
from operations.selectors import lots, maps, received
from operations.selectors.boards import pilot_said
from operations.selectors.conflicts import open_conflict_count
from operations.selectors.holds import stopped, with_stopped
from operations.selectors.map_layers import Material, die_aspect, map_facts
from operations.selectors.orientations import orientation_of
from operations.selectors.planned import planned_for
from operations.selectors.queues import waits_of
from operations.services.lot_acts import acts_for, menu_of
from operations.views.page import Page
from quality.selectors.dispositions import issue_named
from quality.selectors.pilots import holds_with_pilots

WAFER_LAYERS = {"bins": "Hard bins", "retest": "Retest: first and last"}
LOT_LAYERS = {
    "failed-last": "Fails, last insertion",
    "failed-first": "Fails, first insertion",
    "changed": "Changed by retest",
}


class LotPage(Page):
    """One lot: where it is, what happened to it, how it tested, and what it came from."""

    template_name = "operations/lot_detail.html"
    right = "lots.view_lot"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lot = lots.lot_by_code(self.kwargs["code"])
        now = timezone.now()
        holds = list(with_stopped(holds_with_pilots(open_holds(lot))))
        acts = acts_for(lot, is_held=bool(holds))
        parts = {
            "lot": lot,
            "title": f"Lot {lot.code}",
            "is_late": lots.is_late(lot, timezone.localdate(now)),
            "holds": holds,
            "issues_held_for": self.issues_held_for(holds),
            "stopped": {hold.pk: stopped(hold) for hold in holds},
            "pilots": {hold.pk: pilot_said(hold) for hold in holds},
            "planned": planned_for(lot),
            "may_plan": self.may("lots.hold_lot"),
            "waits": waits_of(lot, now),
            "menu": menu_of([act for act in acts if self.may(act.right)]),
            "traveller": lots.lot_traveller(lot, now),
            "timeline": lots.timeline(lot),
            "unit_counts": lots.unit_counts(lot),
            "family": lots.family(lot),
        }
        if self.may("quality.view_yieldfigure"):
            parts["yields"] = lots.yields_of_lot(lot)
            parts["issues"] = lots.issues_of_lot(lot)
        if self.may("testing.view_unitresult"):
            parts["runs"] = lots.runs_of_lot(lot)
            parts["burn_ins"] = lots.burn_ins_of_lot(lot)
            parts["conflict_count"] = open_conflict_count(lot)
            parts["maps"] = maps.lot_maps(lot, self.request.GET.get("step", ""))
        return super().get_context_data(**{**parts, **kwargs})

    def issues_held_for(self, holds: Sequence[Hold]) -> dict[int, str]:
        """Hold → number of the issue that it is for, as its reason says."""
        if not self.may("quality.view_issue"):
            return {}
        named = {hold.pk: issue_named(hold.reason) for hold in holds}
        return {hold_id: number for hold_id, number in named.items() if number}


class LotResultsPage(Page):
    """What results the lot's route expects, what came, and what is missing."""

    template_name = "operations/lot_results.html"
    right = "testing.view_unitresult"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lot = lots.lot_by_code(self.kwargs["code"])
        parts = {
            "lot": lot,
            "title": f"Results of {lot.code}",
            "steps": received.results_of_lot(lot),
            "waiting": received.files_waiting_for(lot) if self.may("intake.view_rawfile") else (),
        }
        return super().get_context_data(**{**parts, **kwargs})


class WaferPage(Page):
    """One wafer, large: its map in layers, its sites and bins."""

    template_name = "operations/wafer_detail.html"
    right = "testing.view_unitresult"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wafer = lots.wafer_by_code(self.kwargs["code"])
        material = Material(wafer.lot, wafer)
        facts = map_facts(material, self.request.GET.get("step", ""))
        parts = {
            "wafer": wafer,
            "title": f"Wafer {wafer.code}",
            "facts": facts,
            "lie": orientation_of(material, facts.step),
            "siblings": lots.wafers_beside(wafer),
            "map_layers": WAFER_LAYERS.items(),
            "aspect": die_aspect(wafer.lot),
        }
        return super().get_context_data(**{**parts, **kwargs})


class LotMapPage(Page):
    """All wafers of a lot laid on each other."""

    template_name = "operations/lot_map.html"
    right = "testing.view_unitresult"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lot = lots.lot_by_code(self.kwargs["code"])
        facts = map_facts(Material(lot), self.request.GET.get("step", ""))
        parts = {
            "lot": lot,
            "title": f"Stacked map of {lot.code}",
            "facts": facts,
            "lie": orientation_of(Material(lot), facts.step),
            "map_layers": LOT_LAYERS.items(),
            "aspect": die_aspect(lot),
        }
        return super().get_context_data(**{**parts, **kwargs})
