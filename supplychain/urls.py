from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from supplychain.api import room_patterns


class Favicon(RedirectView):
    """Browsers ask here on pages that name no icon."""

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        return static("supplychain/favicon.svg")


urlpatterns = [
    path("api/v1/", include("supplychain.api")),
    path("admin/", admin.site.urls),
    path("favicon.ico", Favicon.as_view(), name="favicon"),
    *room_patterns("urlpatterns"),
]

handler400 = "supplychain.base.problems.bad_request"
handler403 = "supplychain.base.problems.permission_denied"
handler404 = "supplychain.base.problems.page_not_found"
handler500 = "supplychain.base.problems.server_error"
