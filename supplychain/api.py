"""The API: every room's own addresses under /api/v1/, and the schema that describes them."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView

from supplychain.api_docs import ApiDocsPage
from supplychain.base.permissions import IsSignedIn

ROOMS = ["operations", "finance", "racks", "intake", "quality", "testing", "lots"]


def room_patterns(name: str) -> list[URLPattern | URLResolver]:
    """`name` of every room's urls module, highest room first."""
    found: list[URLPattern | URLResolver] = []
    for room in ROOMS:
        found += getattr(import_module(f"{room}.urls"), name, [])
    return found


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3.1 description, as YAML or JSON."""

    permission_classes = [IsSignedIn]


urlpatterns = [
    path("schema", SchemaView.as_view(), name="api-schema"),
    path("docs", ApiDocsPage.as_view(), name="api-docs"),
    *room_patterns("api_urlpatterns"),
]
