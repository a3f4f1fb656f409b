"""The finance ledger is the same to the byte when everything was stopped and started again."""

from __future__ import annotations

import hashlib
import http.client

from tests.launch.conftest import Copy

FORMATS = ("csv", "csv-excel", "ndjson", "parquet")
FILL = """
import lots.services, finance.services
from finance.tests.line import moved, shipped, wafer_lot
lots.services.load_reference()
finance.services.load_reference()
lot = shipped(moved(wafer_lot("W1", 2), "FAB", "WAT"), "OSAT1", "RCV", counted=1)
moved(lot, "BUMP", "CP1")
finance.services.post_events()
"""
GROW = """
import itertools
import finance.services
from finance.tests import line
line.numbers = itertools.count(1000)  # a key is used once, whichever process gives it
line.wafer_lot("W2", 3)
finance.services.post_events()
"""
HEAD = "from finance.selectors.ledger import watermark; print(watermark(None).seq)"


def manage(copy: Copy, code: str) -> str:
    done = copy.run("manage", "shell", "-v0", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def fetched(copy: Copy, token: str, seq: str) -> dict[str, str]:
    """Format → SHA-256 of the whole ledger as of the seq, over HTTP."""
    found = {}
    for kind in FORMATS:
        asked = f"/api/v1/finance/ledger?after_seq=0&as_of_seq={seq}&format={kind}"
        connection = http.client.HTTPConnection("127.0.0.1", copy.port, timeout=60)
        connection.request("GET", asked, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status == 200, body
        found[kind] = hashlib.sha256(body).hexdigest()
    return found


def test_ledger_is_the_same_after_a_crash_and_a_restart(copy: Copy) -> None:
    copy.start()
    manage(copy, FILL)
    token = copy.run("manage", "make_token", "pull", "--right", "finance.view_ledgerentry")
    seq, key = manage(copy, HEAD), token.stdout.strip()
    before = fetched(copy, key, seq)
    assert len(set(before.values())) >= 3, before
    copy.kill()
    copy.run("stop")
    copy.start()
    manage(copy, GROW)
    assert int(manage(copy, HEAD)) > int(seq)
    assert fetched(copy, key, seq) == before
