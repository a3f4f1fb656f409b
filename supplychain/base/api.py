"""What API views share: keyset pages, strict query parameters, problem+json."""

from __future__ import annotations

from typing import Any, ClassVar

from django_filters import BooleanFilter
from drf_spectacular.plumbing import get_lib_doc_excludes
from rest_framework.request import Request
from rest_framework.views import APIView

from supplychain.base.errors import MalformedError
from supplychain.base.keyset import KeysetPagination
from supplychain.base.permissions import HasRight, IsSignedIn
from supplychain.base.problems import problem_handler

__all__ = ["HasRight", "IsSignedIn", "KeysetPagination", "StrictQueryMixin", "problem_handler"]


class StrictQueryMixin(APIView):
    """Refuse a query parameter nobody reads, so that a typing error never widens an answer.

    query_parameters: names the view reads itself; those of its pagination and filterset are added.
    """

    query_parameters: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After sign-in and rights, before anything is read."""
        super().initial(request, *args, **kwargs)
        known = self.known_query_parameters()
        for name in request.query_params:
            if name not in known:
                raise MalformedError(
                    f"There is no parameter {name!r} here. Known: {', '.join(sorted(known))}.",
                    parameter=name,
                )
            values = request.query_params.getlist(name)
            if len(values) > 1:
                raise MalformedError(f"{name} is given more than once.", parameter=name)
            self._check_value(name, values[0])

    def _check_value(self, name: str, value: str) -> None:
        if not value:
            raise MalformedError(f"{name} is empty; leave it out instead.", parameter=name)
        if "\0" in value:
            raise MalformedError(f"{name} contains a null character.", parameter=name)
        filterset = getattr(self, "filterset_class", None)
        field = filterset.base_filters.get(name) if filterset is not None else None
        # The filter itself would take any other word for "not given".
        if isinstance(field, BooleanFilter) and value not in {"true", "false"}:
            raise MalformedError(f"{name} must be true or false.", parameter=name)

    def known_query_parameters(self) -> frozenset[str]:
        """Names this view reads."""
        names = self.query_parameters | {"format"}
        pagination = getattr(self, "pagination_class", None)
        if pagination is not None:
            names |= getattr(pagination, "query_parameters", frozenset())
        filterset = getattr(self, "filterset_class", None)
        if filterset is not None:
            names |= frozenset(filterset.base_filters)
        return frozenset(names)


def silent_bases() -> list[type]:
    """Classes whose docstrings speak to us: none describes an operation of the API."""
    return [*get_lib_doc_excludes(), StrictQueryMixin]  # type: ignore[no-untyped-call]
