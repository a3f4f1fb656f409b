"""Getting in, in a real browser."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer


@pytest.fixture
def administrator(transactional_db: None) -> User:
    return User.objects.create_superuser("ada", password="a long test password")


def test_right_password_opens_the_site(page: Page, administrator: User) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("a long test password")
    page.get_by_role("button", name="Log in").click()
    expect(page).not_to_have_url("/admin/login/")
    expect(page.locator("body")).to_contain_text("ada")


def test_wrong_password_stays_outside(page: Page, administrator: User) -> None:
    page.goto("/admin/login/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("not it")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("body")).to_contain_text("correct username and password")


def test_policy_stops_an_inline_script(browser: Browser, live_server: LiveServer) -> None:
    tab = browser.new_page()
    tab.goto(f"{live_server.url}/admin/login/")
    refused = tab.evaluate(
        """() => new Promise(done => {
            document.addEventListener("securitypolicyviolation", e => done(e.effectiveDirective));
            document.body.setAttribute("onclick", "1");
            document.body.click();
            setTimeout(() => done("nothing"), 2000);
        })"""
    )
    tab.close()
    assert refused == "script-src-attr"
