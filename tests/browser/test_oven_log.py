"""The log of an oven's load, drawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from operations.tests.line import Line

pytestmark = pytest.mark.xdist_group("browser")


def test_a_log_is_drawn_and_told_as_a_table(
    line: Line, sign_in: Callable[[User], Page], live_server: LiveServer
) -> None:
    page = sign_in(User.objects.create_superuser("ada"))
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(f"{live_server.url}/burn-in/{line.burn_in.pk}")
    expect(page.locator("[data-oven-log][data-drawn=true] canvas")).to_be_visible()
    page.get_by_text("As a table, hour by hour").click()
    expect(page.get_by_role("columnheader", name="Proven, min")).to_be_visible()
    assert faults == []
