from __future__ import annotations

from django.urls import URLPattern, path

from lots.api import plans, reading, waivers, writing

api_urlpatterns = [
    path("balances", reading.BalancesView.as_view(), name="api-step-balance-list"),
    path("events", reading.EventListView.as_view(), name="api-event-list"),
    path("lots", writing.LotsView.as_view(), name="api-lot-list"),
    path("lots/<path:code>/events", writing.LotEventsView.as_view(), name="api-lotevent-list"),
    path("lots/<path:code>", reading.LotDetailView.as_view(), name="api-lot-detail"),
    path("plans", plans.PlansView.as_view(), name="api-plan-list"),
    path("plans/<int:pk>/cancel", plans.PlanCancelView.as_view(), name="api-plan-cancel"),
    path("waivers", waivers.WaiversView.as_view(), name="api-waiver-list"),
    path(
        "waivers/<int:pk>/actions", waivers.WaiverActsView.as_view(), name="api-waiver-action-list"
    ),
]
urlpatterns: list[URLPattern] = []
