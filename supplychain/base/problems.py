"""Every error of the API leaves as problem+json (RFC 9457), whoever raised it."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from supplychain.base.errors import SupplychainError
from supplychain.base.requests import request_id

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/api/"
RETRY_SECONDS = 5
FORBIDDEN = "Your role does not allow this"
ASK = "Ask an administrator for the right."
UNAVAILABLE = "The database does not answer. Nothing was changed; try again in a few seconds."


class ProblemRenderer(JSONRenderer):
    """JSON under the problem's own media type."""

    media_type = MEDIA_TYPE


def problem(status: int, code: str, title: str, detail: str, /, **fields: object) -> dict[str, Any]:
    """The body. fields: named values a program may act on."""
    return {
        "type": f"urn:supplychain:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id(),
        **({"fields": fields} if fields else {}),
    }


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None for what nobody foresaw: Django logs it and answers 500."""
    headers: dict[str, str] = {}
    if isinstance(error, SupplychainError):
        body = problem(error.status, error.code, error.title, error.detail, **error.fields)
    elif isinstance(error, Http404):
        body = problem(404, "missing", "Not found", "No such thing here. Check the address.")
    elif isinstance(error, PermissionDenied):
        body = problem(403, "forbidden", FORBIDDEN, ASK)
    elif isinstance(error, OperationalError | InterfaceError):
        log.error("database unavailable", exc_info=error)
        headers["Retry-After"] = str(RETRY_SECONDS)
        body = problem(503, "unavailable", "Not available now", UNAVAILABLE)
    elif isinstance(error, exceptions.APIException):
        body = _of_framework(error)
        headers.update(_headers(error))
    else:
        return None
    request = context.get("request")
    if request is not None:
        request.accepted_renderer = ProblemRenderer()
        request.accepted_media_type = MEDIA_TYPE
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 outside any view."""
    if not request.path.startswith(API_PREFIX):
        return defaults.bad_request(request, exception)
    detail = "The request is no valid HTTP request."
    return _answer(problem(400, "malformed", "The input is malformed", detail))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 outside any view."""
    if not request.path.startswith(API_PREFIX):
        return defaults.permission_denied(request, exception)
    return _answer(problem(403, "forbidden", FORBIDDEN, ASK))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for an address no view owns."""
    if not request.path.startswith(API_PREFIX):
        return defaults.page_not_found(request, exception)
    detail = "No such address. /api/v1/schema lists them all."
    return _answer(problem(404, "missing", "Not found", detail))


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 when it was the database that was away."""
    away = isinstance(sys.exception(), OperationalError | InterfaceError)
    if not request.path.startswith(API_PREFIX):
        page = defaults.server_error(request)
        page.status_code = 503 if away else 500
        return page
    if away:
        response = _answer(problem(503, "unavailable", "Not available now", UNAVAILABLE))
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    detail = "The failure is logged under this request_id; report it to whoever runs the service."
    return _answer(problem(500, "internal", "Something failed here", detail))


def _of_framework(error: exceptions.APIException) -> dict[str, Any]:
    codes = {400: "malformed", 403: "forbidden", 404: "missing"}
    code = codes.get(error.status_code, str(error.default_code).replace("_", "-"))
    title = str(error.default_detail).rstrip(".")
    if isinstance(error, exceptions.ValidationError):
        detail = "Some fields are wrong; `fields` names each with its reason."
        fields = error.detail if isinstance(error.detail, dict) else {"body": error.detail}
        return problem(error.status_code, code, title, detail, **fields)
    return problem(error.status_code, code, title, str(error.detail))


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def _answer(body: dict[str, Any]) -> HttpResponse:
    return JsonResponse(body, status=body["status"], content_type=MEDIA_TYPE)
