"""Views over Django's own users, to try what every API view inherits."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django_filters import BooleanFilter, FilterSet
from rest_framework import exceptions, serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.base.api import IsSignedIn, KeysetPagination, StrictQueryMixin
from supplychain.base.errors import RefusedError


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["username"]


class ByNamePagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["last_name", "-first_name", "id"]


class UserFilter(FilterSet):
    active = BooleanFilter("is_active")


class UserList(StrictQueryMixin, ListAPIView[User]):
    queryset = User.objects.all()
    filterset_class = UserFilter
    serializer_class = UserSerializer
    query_parameters = frozenset({"q"})


class NamedUserList(UserList):
    pagination_class = ByNamePagination


class RelatedPagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["content_type__id", "id"]


class PermissionSerializer(serializers.ModelSerializer[Permission]):
    class Meta:
        model = Permission
        fields = ["codename"]


class PermissionList(ListAPIView[Permission]):
    queryset = Permission.objects.select_related("content_type")
    serializer_class = PermissionSerializer
    pagination_class = RelatedPagination


ERRORS: dict[str, Exception] = {
    "refused": RefusedError("The lot is on hold; release it first.", lot="L1"),
    "denied": PermissionDenied(),
    "away": OperationalError("gone"),
    "invalid": exceptions.ValidationError({"name": ["too long"]}),
    "invalid-body": exceptions.ValidationError(["not an object"]),
    "throttled": exceptions.Throttled(wait=7),
    "unforeseen": ZeroDivisionError("never shown"),
}


class Failing(StrictQueryMixin):
    permission_classes = [IsSignedIn]

    def get(self, request: Request, name: str) -> Response:
        raise ERRORS[name]


class Posting(StrictQueryMixin):
    rights: ClassVar[dict[str, str]] = {"GET": "auth.view_user", "POST": "auth.add_user"}

    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        return Response({"got": request.data})

    def put(self, request: Request) -> Response:
        return Response({})


class NoRight(StrictQueryMixin):
    def get(self, request: Request) -> Response:
        return Response({})


class OneRight(NoRight):
    rights = "auth.view_user"


def failing_page(request: HttpRequest, name: str) -> HttpResponse:
    raise ERRORS[name]


failing: list[Any] = [path("failing/<name>", failing_page)]

urlpatterns = [
    path("api/v1/users", UserList.as_view()),
    path("api/v1/named-users", NamedUserList.as_view()),
    path("api/v1/permissions", PermissionList.as_view()),
    path("api/v1/fail/<name>", Failing.as_view()),
    path("api/v1/post", Posting.as_view()),
    path("api/v1/no-right", NoRight.as_view()),
    path("api/v1/one-right", OneRight.as_view()),
    path("api/v1/", include(failing)),
    path("", include(failing)),
]

handler400 = "supplychain.base.problems.bad_request"
handler403 = "supplychain.base.problems.permission_denied"
handler404 = "supplychain.base.problems.page_not_found"
handler500 = "supplychain.base.problems.server_error"
