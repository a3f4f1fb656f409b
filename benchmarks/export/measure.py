"""The measurements of `benchmarks.export`, inside the service."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from knox.models import AuthToken

import finance.services
import lots.services
from benchmarks.export.lines import add_lines, drop_guards
from benchmarks.export.peer import PAGES, pages
from benchmarks.export.web import Figures, figures
from benchmarks.lots.telling import tell
from finance.domain.entries import COLUMNS
from finance.domain.words import ExportFormat

LEDGER = "/api/v1/finance/ledger"
ROUNDS = 3
ASKED = {"csv": 40, "ndjson": 9, "parquet": 25}
COPY_SHARE = 0.8
LATER = 100_000


def main(lines: int) -> None:
    """Fill the ledger, then print each figure beside its floor."""
    lots.services.load_reference()
    finance.services.load_reference()
    drop_guards()
    add_lines(0, lines)
    user = User.objects.create_superuser("bench")
    token = str(AuthToken.objects.create(user)[1])
    client = Client(headers={"Authorization": f"Bearer {token}"}, SERVER_NAME="localhost")
    speeds(client, lines)
    told(figures(token), lines)
    unchanged(client, lines)


def speeds(client: Client, lines: int) -> None:
    """Rows a second of every format; turn by turn, the best of some rounds."""
    copies: list[float] = []
    ours: dict[str, list[float]] = {kind: [] for kind in ExportFormat}
    for _ in range(ROUNDS):
        copies.append(timed(bare_copy))
        for kind in ExportFormat:
            ours[kind].append(timed(partial(fetch, client, kind)))
    peer = timed(partial(pages, PAGES)) / (PAGES * 1000) * lines
    copy = min(copies)
    for kind in ExportFormat:
        asked = f"asked: {ASKED[kind]} or more" if kind in ASKED else "nothing asked"
        tell(f"{kind}, times DRF's pages", lines / min(ours[kind]), lines / peer, "rows/s", asked)
    tell("csv, share of bare COPY", lines / min(ours["csv"]), lines / copy, "rows/s",
         f"asked: {COPY_SHARE} or more")  # fmt: skip
    tell("bare COPY, times DRF's pages", lines / copy, lines / peer, "rows/s", "the most there is")


def bare_copy() -> None:
    """The same columns as they lie in the table, thrown away as they come."""
    statement = f"SELECT {', '.join(COLUMNS)} FROM finance_ledgerentry ORDER BY seq"  # noqa: S608
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv)") as copy,
    ):
        for _ in copy:
            pass


def pieces(client: Client, kind: str, **query: int) -> Iterator[bytes]:
    """The whole ledger over the API, as it comes."""
    asked: dict[str, str | int] = {"format": kind, **query}
    answer: Any = client.get(LEDGER, asked)
    assert answer.status_code == 200, answer.content
    return iter(answer.streaming_content)


def fetch(client: Client, kind: str) -> None:
    """Thrown away; the view itself has hashed it for its log."""
    for _ in pieces(client, kind):
        pass


def sha256(client: Client, kind: str, as_of_seq: int) -> str:
    """Of the ledger as of the seq."""
    digest = hashlib.sha256()
    for piece in pieces(client, kind, as_of_seq=as_of_seq):
        digest.update(piece)
    return digest.hexdigest()


def unchanged(client: Client, lines: int) -> None:
    """The same as-of seq, before and after more was posted."""
    before = {kind: sha256(client, kind, lines) for kind in ExportFormat}
    add_lines(lines, LATER)
    after = {kind: sha256(client, kind, lines) for kind in ExportFormat}
    same = sum(before[kind] == after[kind] for kind in ExportFormat)
    say(f"same SHA-256 after {LATER:,} more rows: {same} of {len(before)} formats")


def told(found: Figures, lines: int) -> None:
    """What gunicorn showed."""
    for kind, seconds in found.seconds.items():
        say(f"{kind} over HTTP: {lines / seconds:,.0f} rows/s")
    say(
        f"web worker at most {found.megabytes:.0f} MB (asked: 200 or less), "
        f"{found.at_rest:.0f} before any file"
    )
    for kind, seconds in found.freed.items():
        say(f"{kind}: connection free {seconds:.2f} s after hanging up (asked: 5 or less)")


def timed(call: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
