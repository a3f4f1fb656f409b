"""Damaged, strange and repeated files come in over HTTP, as from a partner's script."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import struct
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from intake.models import Arrival, RawFile
from intake.services import drain
from intake.tests.stdf_builder import sort_file
from lots.services import load_reference
from operations.services import load_roles
from operations.services.tokens import make_token
from testing.models import Run, UnitResult

LOT3 = settings.BASE_DIR.parent / "shared" / "stdf" / "lot3.stdf"
PRR = (5, 20)
SENDERS = 10
GOOD = sort_file(lot="GOOD-1", wafers=("1",), dies=5)

pytestmark = pytest.mark.django_db(transaction=True)


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]


class Sender:
    """A program with a token and files to hand in."""

    def __init__(self, site: LiveServer) -> None:
        self.host = urlsplit(site.url).netloc
        self.token = make_token(username="partner", role="Operator", days=1)

    def send(self, name: str, content: bytes) -> Answer:
        return self._ask("POST", f"?name={quote(name)}&create_lots=true", content)

    def look(self, sha256: str) -> dict[str, Any]:
        return self._ask("GET", f"/{sha256}").body

    def _ask(self, method: str, rest: str, content: bytes | None = None) -> Answer:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/octet-stream",
        }
        with closing(HTTPConnection(self.host, timeout=60)) as line:
            line.request(method, f"/api/v1/files{rest}", content, headers)
            answer = line.getresponse()
            return Answer(answer.status, json.load(answer))


@pytest.fixture
def sender(transactional_db: None, files_folder: Path, live_server: LiveServer) -> Sender:
    load_reference()
    load_roles()
    return Sender(live_server)


def outcome(sender: Sender, name: str, content: bytes) -> dict[str, Any]:
    """The file as its page tells of it, when all work is done."""
    handed_in = sender.send(name, content)
    assert handed_in.status == 201, handed_in.body
    assert not drain()
    return sender.look(handed_in.body["sha256"])


def records(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Type, subtype, start and end of every whole record of a big-endian file."""
    at = 0
    while at + 4 <= len(content):
        length, kind, sub = struct.unpack(">HBB", content[at : at + 4])
        if at + 4 + length > len(content):
            return
        yield kind, sub, at, at + 4 + length
        at += 4 + length


STRANGE = {
    "empty.stdf": (b"", "empty"),
    "letter.stdf": (b"Dear colleagues, please find attached\n" * 40, "neither STDF"),
    "picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(500), "no kind known here"),
    "bomb.stdf.gz": (gzip.compress(GOOD[:-30] + bytes(96 << 20)), "times its"),
    "bomb.stdf.bz2": (bz2.compress(GOOD[:-30] + bytes(96 << 20)), "times its"),
    "bomb.stdf.xz": (lzma.compress(GOOD[:-30] + bytes(96 << 20)), "times its"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_file_is_rejected_in_words_and_the_queue_goes_on(sender: Sender, name: str) -> None:
    content, reason = STRANGE[name]
    strange = outcome(sender, name, content)
    assert (strange["state"], strange["lot"]) == ("rejected", None)
    assert reason in strange["message"]
    good = outcome(sender, "good.stdf", GOOD)
    assert (good["state"], good["lot"]) == ("loaded", "GOOD-1")
    assert Run.objects.count() == 1


@pytest.mark.skipif(not LOT3.is_file(), reason="../shared/stdf is not beside this checkout")
@pytest.mark.parametrize("share", [0.31, 0.5, 0.77, 0.999])
def test_cut_file_keeps_whole_records_and_is_marked(sender: Sender, share: float) -> None:
    content = LOT3.read_bytes()
    cut = content[: int(len(content) * share)]
    whole = sum((kind, sub) == PRR for kind, sub, _, _ in records(cut))
    told = outcome(sender, "cut.stdf", cut)
    assert (told["state"], told["summary"]["is_partial"]) == ("partial", True)
    assert "cut" in told["message"]
    assert told["figures"]["insertions"] == whole
    assert UnitResult.objects.count() == whole
    assert Run.objects.get().is_partial


@pytest.mark.skipif(not LOT3.is_file(), reason="../shared/stdf is not beside this checkout")
def test_whole_file_after_its_cut_part_is_a_file_of_its_own(sender: Sender) -> None:
    content = LOT3.read_bytes()
    outcome(sender, "lot3.stdf", content[: len(content) // 2])
    whole = outcome(sender, "lot3.stdf", content)
    assert whole["state"] == "loaded"
    assert Run.objects.count() == 2


def test_same_file_sent_ten_times_at_once_is_loaded_once(sender: Sender) -> None:
    with ThreadPoolExecutor(SENDERS) as pool:
        answers = list(pool.map(lambda _: sender.send("same.stdf", GOOD), range(SENDERS)))
    assert Counter(answer.status for answer in answers) == {201: 1, 200: SENDERS - 1}
    assert len({answer.body["sha256"] for answer in answers}) == 1
    assert not drain()
    assert (RawFile.objects.count(), Arrival.objects.count()) == (1, SENDERS)
    assert RawFile.objects.get().state == "loaded"
    assert (Run.objects.count(), UnitResult.objects.count()) == (1, 5)
