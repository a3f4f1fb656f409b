"""Refusals outside our own frame."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_list_without_the_right_is_refused_plainly(as_role: Callable[[str], Client]) -> None:
    answer = as_role("Operator").get("/admin/finance/ledgerentry/")
    assert answer.status_code == 403
    assert "Ask an administrator" in answer.content.decode()


def test_a_form_from_before_the_sign_in_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "ada"})
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()
