"""`kill -9` on posters, twenty times, wherever they are in a batch: every line is posted once."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from django.db.models import Sum

from finance.models import Follower, LedgerEntry, LedgerHead
from finance.selectors.verifying import first_fault, unbalanced_transactions
from finance.services import post_events
from finance.tests.line import moved, wafer_lot
from intake.tests.test_claims import started
from lots.models import Event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books")]

KILLS = 20
LOTS = 30
LINES_A_LOT = 2 + 3 + 3
COMMITTED = ["finance.services", "post_events"]
PLACES = [
    ["finance.services.posting", "events_after"],
    ["finance.services.writing", "entry_sha256"],  # in the middle of COPY
    ["finance.services.posting", "append"],
    ["finance.models:Follower", "save"],
    COMMITTED,
]
POSTERS = """
import json
import os
import signal
import sys
import time
from pkgutil import resolve_name
import django
django.setup()
from finance import services
from finance.models import Follower

def read(ours):
    with os.fdopen(ours) as pipe:
        return pipe.read(1)

def told_seq():
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        seq = Follower.objects.values_list("seq", flat=True).first() or 0
        os.write(theirs, json.dumps(seq).encode())
        os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    with os.fdopen(ours) as pipe:
        return json.load(pipe)

def poster(owner, name, limit):
    ours, theirs = os.pipe()
    child = os.fork()
    if child:
        os.close(theirs)
        return child, ours
    owner = resolve_name(owner)
    real = getattr(owner, name)
    def slow(*arguments, **words):
        result = real(*arguments, **words)
        os.write(theirs, b"!")
        time.sleep(60)
        return result
    setattr(owner, name, slow)
    services.post_events(limit=limit)
    os._exit(3)

for turn, place in enumerate(json.loads(sys.argv[1])):
    before = told_seq()
    child, ours = poster(*place, 4 + turn % 4)
    reached = read(ours)
    other = os.fork()
    if not other:
        services.post_events(limit=1)
        os._exit(0)
    time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    signalled = os.WTERMSIG(os.waitpid(child, 0)[1])
    os.waitpid(other, 0)
    print(json.dumps([place, reached, signalled, told_seq() - before]), flush=True)
"""


def test_twenty_kills_lose_and_repeat_nothing() -> None:
    for number in range(LOTS):
        moved(wafer_lot(f"W{number}", step="WAT"), "RCV", "BUMP", "CP1")
    places = PLACES * (KILLS // len(PLACES))
    script = started(POSTERS, json.dumps(places))
    try:
        said, _ = script.communicate(timeout=300)
    finally:
        script.kill()
    turns = [json.loads(line) for line in said.splitlines()]
    assert [turn[:3] for turn in turns] == [[place, "!", 9] for place in places]
    kept = [4 + turn % 4 if place == COMMITTED else 0 for turn, place in enumerate(places)]
    assert [turn[3] for turn in turns] == [1 + count for count in kept], "1 by the other poster"
    while post_events(limit=7).events:
        pass
    assert Follower.objects.get().seq == Event.objects.count()
    keys = Counter(LedgerEntry.objects.values_list("op_key", flat=True))
    assert (len(keys), max(keys.values())) == (LOTS * LINES_A_LOT, 1)
    assert LedgerHead.objects.get().seq == LOTS * LINES_A_LOT
    assert (first_fault(), unbalanced_transactions()) == ("", [])
    assert LedgerEntry.objects.aggregate(left=Sum("amount"))["left"] == 0
