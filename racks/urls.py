from __future__ import annotations

from django.urls import URLPattern, path

from racks import api

api_urlpatterns = [
    path("sites", api.SiteListView.as_view(), name="api-site-list"),
    path("racks", api.RackListView.as_view(), name="api-rack-list"),
    path("racks/<str:serial>", api.RackDetailView.as_view(), name="api-rack-detail"),
]
urlpatterns: list[URLPattern] = []
