"""Whatever an address of the books tells over the API is kept with who read it, and limited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from finance.api.reading import BooksMixin, ReadsAMinute
from finance.models import LedgerRead, RunningRead
from finance.urls import api_urlpatterns
from tests.acceptance.line.address import Address
from tests.acceptance.line.addresses import addresses
from tests.acceptance.line.conftest import Line

WITHOUT_FIGURES = {"api-posting-table-list"}
ROUTES = [route for route in api_urlpatterns if route.name not in WITHOUT_FIGURES]
NAMES = {str(route.name) for route in ROUTES}
ORDERED = {"api-cost-roll-up-list", "api-revaluation-trial"}
"""Addresses that are only posted to."""

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("line")]


def of_the_books(method: str) -> Iterator[Address]:
    return (one for one in addresses() if one.key in NAMES and method in one.methods)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: str(route.name))
def test_every_view_of_the_books_keeps_and_limits_reads(route: Any) -> None:
    view = route.callback.cls
    assert issubclass(view, BooksMixin)
    assert view.throttle_classes == [ReadsAMinute]


def test_whatever_is_told_is_kept_with_its_hash(line: Line, site: Client) -> None:
    asked = set()
    for address in of_the_books("get"):
        answer: Any = site.get(address.path)
        if answer.status_code == 405:
            continue
        assert answer.status_code == 200, address.path
        told = b"".join(answer.streaming_content) if answer.streaming else answer.content
        read = LedgerRead.objects.latest("id")
        assert read.sha256 == hashlib.sha256(told).hexdigest(), address.path
        assert (read.is_whole, read.reader.username) == (True, "Administrator")
        asked.add(address.key)
    assert LedgerRead.objects.filter(reader__username="Administrator").count() == len(asked)
    approvals = {name for name in NAMES if name.endswith("-approval")}
    assert asked == NAMES - approvals - ORDERED
    assert not RunningRead.objects.exists()


def test_what_is_told_again_is_told_once(site: Client) -> None:
    for address in of_the_books("get"):
        tag = site.get(address.path).headers.get("ETag")
        if tag is None:
            assert address.key in ORDERED or address.key.endswith("-approval"), address.path
            continue
        held = site.get(address.path, headers={"If-None-Match": tag})
        assert (held.status_code, held["ETag"], held.content) == (304, tag, b""), address.path
        assert site.head(address.path)["ETag"] == tag, address.path


def test_whoever_used_up_the_minute_is_told_nothing(site: Client, settings: Settings) -> None:
    settings.LEDGER_READS_A_MINUTE = 1
    assert site.get(reverse("api-balance-list")).status_code == 200
    for method in ("get", "post"):
        for address in of_the_books(method):
            answer = getattr(site, method)(address.path, content_type="application/json")
            if answer.status_code != 405:
                assert answer.status_code == 429, f"{method} {address.path}"
                assert answer["Content-Type"] == "application/problem+json"
                assert int(answer["Retry-After"]) > 0
    assert LedgerRead.objects.filter(reader__username="Administrator").count() == 1
