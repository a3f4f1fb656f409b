from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from supplychain.api import room_patterns

urlpatterns = [
    path("api/v1/", include("supplychain.api")),
    path("admin/", admin.site.urls),
    *room_patterns("urlpatterns"),
]

handler400 = "supplychain.base.problems.bad_request"
handler403 = "supplychain.base.problems.permission_denied"
handler404 = "supplychain.base.problems.page_not_found"
handler500 = "supplychain.base.problems.server_error"
