"""The examples of docs/finance-examples.md, run in turn as somebody would paste them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

import finance.services
from finance.tests.line import moved, shipped, wafer_lot
from tests.acceptance.examples import begin_books, examples, run_example

SECONDS_MAX = 120
BLOCKS = {
    "Ask for the whole ledger, with curl": ["sh"],
    "Wait for it, fetch the files and check them, with Python alone": ["python"],
    "Add it up, with pandas": ["python"],
    "Add it up, with DuckDB": ["python"],
    "Follow it: only what came since, with curl and pandas": ["sh", "python"],
    "Keep a copy that follows, with dlt": ["python"],
    "Read it with a client made from the schema": ["sh", "python"],
    "Look at it, with Excel": ["sh", "python"],
}


@pytest.fixture
def token(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of who may read a ledger with lines in it."""
    known = begin_books(monkeypatch)
    moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    finance.services.post_events()
    return known


def test_every_example_does_what_it_says(
    live_server: LiveServer, token: str, tmp_path: Path
) -> None:
    blocks = examples()
    wanted = [(heading, kind) for heading, kinds in BLOCKS.items() for kind in kinds]
    assert [(block.heading, block.kind) for block in blocks] == wanted
    there = {"SERVICE": live_server.url, "TOKEN": token}
    for block in blocks:
        run_example(block, tmp_path, there, SECONDS_MAX)
        while finance.services.work_exports():
            pass
    for block in blocks:
        if block.heading.startswith("Follow"):
            small = replace(block, code=block.code.replace("format=csv", "format=csv&limit=3"))
            run_example(small, tmp_path, there, SECONDS_MAX)
    assert (tmp_path / "new-3.csv").exists()
