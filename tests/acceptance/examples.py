"""The blocks of docs/finance-examples.md, running one as pasted, and the books they read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from knox.models import AuthToken

import finance.services
import lots.services

RIGHTS = ["view_ledgerentry", "add_exportjob", "view_exportjob"]
PART = re.compile(r"^## (.*?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def begin_books(monkeypatch: pytest.MonkeyPatch) -> str:
    """Reference data, no broker; the token of who may read the ledger and export it."""
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda *_, **__: None)
    lots.services.load_reference()
    finance.services.load_reference()
    person = User.objects.create_user("reader")
    person.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    return str(AuthToken.objects.create(person)[1])


@dataclass(frozen=True, slots=True)
class Example:
    """One block: the heading it stands under, sh or python, and what is pasted."""

    heading: str
    kind: str
    code: str


def examples() -> list[Example]:
    """In the order of the page."""
    text = (settings.BASE_DIR / "docs" / "finance-examples.md").read_text()
    parts = PART.findall(text)
    return [Example(heading, *block) for heading, part in parts for block in BLOCK.findall(part)]


def run_example(example: Example, folder: Path, there: dict[str, str], seconds_max: int) -> None:
    """AssertionError with what it said, if it fails. there: SERVICE and TOKEN."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    python = [sys.executable, "-c", example.code]
    done = subprocess.run(
        ["sh", "-ec", example.code] if example.kind == "sh" else python,
        cwd=folder,
        env={**os.environ, "PATH": tools, **there},
        capture_output=True,
        text=True,
        timeout=seconds_max,
        check=False,
    )
    assert done.returncode == 0, f"{example.code}\n{done.stderr}"
