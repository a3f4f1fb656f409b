"""The examples of docs/finance-examples.md, run in turn as somebody would paste them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from knox.models import AuthToken
from pytest_django.live_server_helper import LiveServer

import finance.services
import lots.services
from finance.tests.line import moved, shipped, wafer_lot

BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RIGHTS = ["view_ledgerentry", "add_exportjob", "view_exportjob"]
SECONDS_MAX = 120


@pytest.fixture
def token(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of who may read a ledger with lines in it."""
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda *_, **__: None)
    lots.services.load_reference()
    finance.services.load_reference()
    moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    finance.services.post_events()
    person = User.objects.create_user("reader")
    person.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    return str(AuthToken.objects.create(person)[1])


def test_every_example_does_what_it_says(
    live_server: LiveServer, token: str, tmp_path: Path
) -> None:
    text = (settings.BASE_DIR / "docs" / "finance-examples.md").read_text()
    blocks = BLOCK.findall(text)
    assert [kind for kind, _ in blocks] == ["sh", "python", "python", "python", "sh", "python"]
    there = {**os.environ, "SERVICE": live_server.url, "TOKEN": token}
    for kind, code in blocks:
        command = ["sh", "-ec", code] if kind == "sh" else [sys.executable, "-c", code]
        done = subprocess.run(
            command, cwd=tmp_path, env=there, capture_output=True, text=True, timeout=SECONDS_MAX,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{code}\n{done.stderr}"
        while finance.services.work_exports():
            pass
