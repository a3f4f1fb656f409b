from __future__ import annotations

import logging

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from supplychain.base.requests import RequestIdFilter, request_id


def test_each_request_has_an_id_of_its_own(client: Client) -> None:
    first, second = (client.get("/healthz")["X-Request-ID"] for _ in range(2))
    assert len(first) == 32
    assert first != second


def test_harmless_id_of_the_caller_is_kept(client: Client) -> None:
    answer = client.get("/healthz", headers={"x-request-id": "job-7.a_b"})
    assert answer["X-Request-ID"] == "job-7.a_b"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "ü", "a\tb"])
def test_other_id_of_the_caller_is_replaced(client: Client, sent: str) -> None:
    assert client.get("/healthz", headers={"x-request-id": sent})["X-Request-ID"] != sent


def test_log_lines_carry_the_id(client: Client) -> None:
    client.get("/healthz", headers={"x-request-id": "job-8"})
    line = logging.makeLogRecord({})
    assert RequestIdFilter().filter(line)
    assert vars(line)["request_id"] == request_id() == "job-8"


def test_live_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_ready_asks_the_database(client: Client, db: None) -> None:
    assert client.get("/readyz").content == b"ready\n"


def test_not_ready_while_the_database_is_away(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supplychain.health.database_answers", lambda: False)
    assert client.get("/readyz").status_code == 503


def test_probe_is_answered_whatever_its_host(client: Client, db: None, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/readyz", headers={"host": "10.0.0.7"}).status_code == 200


def test_other_methods_are_no_probe(client: Client) -> None:
    assert client.post("/healthz").status_code == 404


def test_pages_carry_a_content_policy(client: Client, db: None) -> None:
    policy = client.get("/admin/login/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "frame-ancestors 'none'" in policy
