"""Many processes at once on few hot lots, by every door; each tells what it did to the balance."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from intake.tests.test_claims import database_url
from lots.domain.commands import Command, HoldOrder, Selection
from lots.domain.words import HoldClass, LotState, Source, Verb
from lots.models import Event, Hold, Lot
from lots.services import hold_lot, merge_lots, record_bonus, record_loss, release_hold, scrap_units
from lots.services import split_lot as split
from supplychain.base.errors import SupplychainError

SECONDS_MAX = 7_200
DOORS = ("service", "api", "page")
QUANTITY_MAX = 3
ACCEPTED = (200, 201, 302)
REFUSED = (400, 403, 404, 409, 412, 422, 428)
REASONS = {Verb.SCRAP: "broken", Verb.LOSS: "missing", Verb.BONUS: "found"}
SIGNS = {Verb.SCRAP: -1, Verb.LOSS: -1, Verb.BONUS: 1}

Turn = Callable[["Player", Lot], int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one process did. change: to the units of all lots; faults: answers nobody expects."""

    done: int
    refused: int
    change: int
    faults: Sequence[str]


class Player:
    """One process: its door, its chance, and its own client."""

    def __init__(self, number: int, username: str) -> None:
        self.door = DOORS[number % len(DOORS)]
        self.chance = random.Random(number)  # noqa: S311
        self.client = Client(raise_request_exception=False)
        self.client.force_login(User.objects.get(username=username))
        self.done = self.refused = self.change = 0
        self.faults: list[str] = []

    def play(self, codes: Sequence[str], turns: int) -> Outcome:
        """Random verbs on the lots of these codes."""
        for _ in range(turns):
            lot = Lot.objects.select_related("step").get(code=self.chance.choice(codes))
            turn = self.chance.choice([change_quantity, change_quantity, stop, part])
            try:
                self.change += turn(self, lot)
            except SupplychainError:
                self.refused += 1
            else:
                self.done += 1
        return Outcome(self.done, self.refused, self.change, tuple(self.faults[:3]))

    def command(self, reason: str = "") -> Command:
        """A key of its own."""
        return Command(f"storm:{uuid.uuid4()}", timezone.now(), Source.SYSTEM, reason=reason)

    def sent(self, response: Any) -> None:
        """SupplychainError when the door refused; anything else unexpected is a fault."""
        if response.status_code in ACCEPTED:
            return
        if response.status_code not in REFUSED:
            self.faults.append(f"{response.status_code}: {response.content[:300]!r}")
        raise SupplychainError(f"refused with {response.status_code}")


def change_quantity(player: Player, lot: Lot) -> int:
    """Scrap, loss or bonus of a few units, by the player's door."""
    verb = player.chance.choice(list(SIGNS))
    quantity = player.chance.randint(1, QUANTITY_MAX)
    if player.door == "service":
        by_service(player, lot, verb, quantity)
    elif player.door == "api":
        body = {
            "verb": verb,
            "occurred_at": timezone.now().isoformat(),
            "reason": REASONS[verb],
            "quantity": quantity,
        }
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        address = f"/api/v1/lots/{lot.code}/events"
        player.sent(player.client.post(address, body, "application/json", headers=headers))
    else:
        answers = {"op_key": f"page:{uuid.uuid4()}", "reason": REASONS[verb], "quantity": quantity}
        address = f"/lots/{lot.code}/do/{verb}"
        response = player.client.post(address, {**answers, "comment": "", "go": "do"})
        if response.status_code == 200:  # the form again, with what it objects to
            raise SupplychainError("the form was refused")
        player.sent(response)
    return SIGNS[verb] * quantity


def by_service(player: Player, lot: Lot, verb: Verb, quantity: int) -> None:
    command, selection = player.command(REASONS[verb]), Selection(quantity=quantity)
    if verb is Verb.SCRAP:
        scrap_units(lot=lot, selection=selection, command=command)
    elif verb is Verb.LOSS:
        record_loss(lot=lot, selection=selection, command=command)
    else:
        record_bonus(lot=lot, quantity=quantity, command=command)


def stop(player: Player, lot: Lot) -> int:
    """Hold the lot, or release what holds it."""
    hold = Hold.objects.select_related("lot").filter(lot=lot, released_at=None).first()
    if hold is None and player.chance.random() < 0.3:
        order = HoldOrder(HoldClass.QUALITY, "storm")
        hold_lot(lot=lot, order=order, command=player.command())
    elif hold is not None:
        release_hold(hold=hold, disposition="go on", command=player.command())
    return 0


def part(player: Player, lot: Lot) -> int:
    """Split some off, or take a child back."""
    child = Lot.objects.filter(
        code__startswith=f"{lot.code}.", state=LotState.ACTIVE, quantity__gt=0
    ).first()
    if child is not None and player.chance.random() < 0.7:
        merge_lots(into=lot, lots=[child], command=player.command())
    else:
        selection = Selection(quantity=player.chance.randint(1, QUANTITY_MAX))
        code = f"{lot.code}.{uuid.uuid4().hex[:8]}"
        split(lot=lot, child_code=code, selection=selection, command=player.command())
    return 0


def storm(processes: int, turns: int, codes: Sequence[str], username: str) -> list[Outcome]:
    """All at once, with a reader of the stream beside them, who must have seen every event."""
    with TemporaryDirectory() as folder:
        over = Path(folder) / "over"
        reader = started(f"read({username!r}, {str(over)!r})")
        players = [
            started(f"play({number}, {turns}, {list(codes)!r}, {username!r})")
            for number in range(processes)
        ]
        found = [Outcome(**answer(player)) for player in players]
        over.touch()
        seqs = answer(reader)["seqs"]
    assert seqs == list(range(1, Event.objects.count() + 1)), "the reader missed or repeated"
    return found


def started(call: str) -> subprocess.Popen[str]:
    """A process of its own that makes the call, on the tests' database."""
    code = f"from tests.acceptance import storm; storm.{call}"
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "supplychain.settings_for_tests",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What it printed last."""
    told, _ = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 0, told
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


def play(number: int, turns: int, codes: Sequence[str], username: str) -> None:
    """One player's share; prints what became of it."""
    outcome = Player(number, username).play(codes, turns)
    sys.stdout.write(json.dumps(asdict(outcome)) + "\n")


def read(username: str, over: str) -> None:
    """Poll the stream from its start until it gives nothing more after the end."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    seqs: list[int] = []
    is_last = False
    while True:
        after = seqs[-1] if seqs else 0
        rows = client.get("/api/v1/events", {"after_seq": after, "limit": 200}).json()["results"]
        seqs += [row["seq"] for row in rows]
        if is_last and not rows:
            break
        is_last = Path(over).exists()
    sys.stdout.write(json.dumps({"seqs": seqs}) + "\n")
