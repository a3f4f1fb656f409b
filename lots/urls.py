from __future__ import annotations

from django.urls import URLPattern, path

from lots.api import reading, writing

api_urlpatterns = [
    path("balances", reading.BalancesView.as_view(), name="api-step-balance-list"),
    path("events", reading.EventListView.as_view(), name="api-event-list"),
    path("lots", writing.LotsView.as_view(), name="api-lot-list"),
    path("lots/<path:code>/events", writing.LotEventsView.as_view(), name="api-lotevent-list"),
    path("lots/<path:code>", reading.LotDetailView.as_view(), name="api-lot-detail"),
]
urlpatterns: list[URLPattern] = []
