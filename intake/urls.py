from __future__ import annotations

from django.urls import URLPattern, path

from intake.api import views

api_urlpatterns = [
    path("files", views.FileListView.as_view(), name="api-rawfile-list"),
    path("files/<str:sha256>", views.FileDetailView.as_view(), name="api-rawfile-detail"),
]
urlpatterns: list[URLPattern] = []
