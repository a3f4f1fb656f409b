"""Exports of the ledger are asked for, watched, fetched and asked for again on pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from finance.models import ExportJob
from finance.services import post_events, work_exports
from finance.tests.line import wafer_lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books", "files_folder")]
AsRole = Callable[[str], Client]
HERE = "/finance/exports"
ASKED = {"op_key": "once", "format": "csv", "period": "2026-03", "account": "", "as_of_seq": ""}


@pytest.fixture
def books(reference: None) -> None:
    wafer_lot("W1", 2, step="BUMP")
    post_events()


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def asked(client: Client, **more: str) -> ExportJob:
    answer = client.post(HERE, {**ASKED, **more})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return ExportJob.objects.get(pk=answer["Location"].rpartition("/")[2])


def test_an_export_is_asked_watched_and_fetched(as_role: AsRole, files_folder: Path) -> None:
    client = as_role("Finance")
    assert "Nobody has exported the ledger yet" in shown(client, HERE)
    job = asked(client)
    page = f"{HERE}/{job.pk}"
    assert f'data-job="{page}/state"' in shown(client, page)
    state = client.get(f"{page}/state").json()
    assert (state["state"], state["is_working"], state["looked_at"]) == ("waiting", True, 0)
    assert not work_exports()
    state = client.get(f"{page}/state").json()
    assert (state["state"], state["is_working"], state["looked_at"]) == ("ready", False, 2)
    text = shown(client, page)
    assert "39000.000000" in text
    assert "-39000.000000" in text
    found = re.search(r'href="(/api/v1/finance/exports/[^"]+)"', text)
    assert found
    answer = client.get(found[1])
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert hashlib.sha256(body).hexdigest() in text
    assert "Ready" in shown(client, HERE)


def test_a_second_click_is_the_same_export(as_role: AsRole) -> None:
    client = as_role("Finance")
    assert asked(client) == asked(client)
    answer = client.post(HERE, {**ASKED, "format": "parquet"})
    assert answer.status_code == 409
    assert "Take a new key" in answer.content.decode()


def test_what_failed_is_asked_for_again_as_of_the_same_line(as_role: AsRole) -> None:
    client = as_role("Finance")
    job = asked(client)
    page = f"{HERE}/{job.pk}"
    assert client.post(page).status_code == 422
    ExportJob.objects.filter(pk=job.pk).update(state="failed", message="no space left")
    assert "no space left" in shown(client, page)
    wafer_lot("W2", 1, step="BUMP")
    post_events()
    first, second = client.post(page), client.post(page)
    assert first["Location"] == second["Location"] != page
    again = ExportJob.objects.get(state="waiting")
    assert (again.as_of_seq, again.period, again.format) == (job.as_of_seq, "2026-03", "csv")


def test_wrong_answers_are_said(as_role: AsRole) -> None:
    client = as_role("Finance")
    for wrong in ({"format": "pdf"}, {"period": "March"}, {"as_of_seq": "-1"}, {"op_key": ""}):
        assert client.post(HERE, {**ASKED, **wrong}).status_code == 400
    answer = client.post(HERE, {**ASKED, "as_of_seq": "99"})
    assert answer.status_code == 404
    assert "beyond it" in answer.content.decode()
    missing = client.get(f"{HERE}/00000000-0000-0000-0000-000000000000")
    assert missing.status_code == 404


def test_an_auditor_sees_exports_and_asks_for_none(as_role: AsRole) -> None:
    client = as_role("Auditor")
    assert "Ask for an export" not in shown(client, HERE)
    assert client.post(HERE, ASKED).status_code == 403


def test_others_are_kept_out(as_role: AsRole) -> None:
    assert as_role("Operator").get(HERE).status_code == 403
