"""Default deny: signed in, and holding the right that the view names or its model implies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView  # at run time a cycle through DRF's settings

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class HasRight(BasePermission):
    """The right in the view's `rights`, by method ({"POST": "lots.move_lot"}) or one for all.

    Reading without one asks for the view right of the model in the view's queryset.
    """

    message = "Your role does not allow this. Ask an administrator for the right."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """False for strangers, and for a method without a right; 405 for one the view lacks."""
        user = request.user
        if not (user.is_authenticated and user.is_active):
            return False
        if request.method not in view.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        right = required_right(str(request.method), view)
        return right is not None and user.has_perm(right)


class IsSignedIn(BasePermission):
    """Anyone signed in: for pages that show no rows."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Active users only."""
        return request.user.is_authenticated and request.user.is_active


def required_right(method: str, view: Any) -> str | None:
    """The right this method of the view asks for; None denies."""
    rights = getattr(view, "rights", {})
    if isinstance(rights, str):
        return rights
    if method in rights:
        return str(rights[method])
    if method in {"HEAD", "OPTIONS"} and "GET" in rights:
        return str(rights["GET"])
    queryset = getattr(view, "queryset", None)
    if queryset is None or method not in READING:
        return None
    meta = queryset.model._meta
    return f"{meta.app_label}.view_{meta.model_name}"
