from __future__ import annotations

from typing import Any

from operations.selectors import places
from operations.views.page import Page, picked_ids
from racks.models import Site


class SiteListPage(Page):
    """Every site with what draws power there."""

    template_name = "operations/site_list.html"
    title = "Sites"
    right = "racks.view_site"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = {"deployed": places.deployed_everywhere(), "sites": Site.objects.all()}
        return super().get_context_data(**{**parts, **kwargs})


class SitePage(Page):
    """One site: its racks by position, and what is deployed there."""

    template_name = "operations/site_detail.html"
    right = "racks.view_site"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        site = places.site_by_code(self.kwargs["code"])
        sites = places.deployed_everywhere().sites
        after = self.request.GET.get("after", "")
        parts = {
            "site": site,
            "title": f"Site {site.code}",
            "page": places.racks_at(site, next(iter(picked_ids([after])), 0)),
            "here": next((one for one in sites if one.site == site.code), None),
        }
        return super().get_context_data(**{**parts, **kwargs})


class RackPage(Page):
    """One rack from the front, with its commissioning and what went in and out."""

    template_name = "operations/rack_detail.html"
    right = "racks.view_rack"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rack = places.rack_by_serial(self.kwargs["serial"])
        parts = {
            "rack": rack,
            "title": f"Rack {rack.serial}",
            "standing": places.standing_of(rack),
            "front": places.rack_view(rack),
            "commissionings": places.commissionings_of(rack),
            "moves": places.moves_in(rack),
        }
        return super().get_context_data(**{**parts, **kwargs})
