"""Many processes at once on few hot lots, by every door; each tells what it did to the balance."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from intake.tests.test_claims import database_url
from lots.api.orders import ORDERS
from lots.domain.commands import Command
from lots.domain.words import Source
from lots.models import Event, Lot
from supplychain.base.errors import SupplychainError
from tests.acceptance.storm_parts import PART_TURNS
from tests.acceptance.storm_wishes import TURNS, Wish

SECONDS_MAX = 7_200
DOORS = ("service", "api", "page")
REPEAT_RATIO = 0.05
ACCEPTED = (200, 201, 302)
ALL_TURNS = (*TURNS, *PART_TURNS)
REFUSED = (400, 403, 404, 409, 412, 422, 428)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one process did. done, refused: verb → how often; faults: answers nobody expects."""

    done: Mapping[str, int]
    refused: Mapping[str, int]
    change: int
    faults: Sequence[str]


class Player:
    """One process: its door, its chance, and its own client."""

    def __init__(self, number: int, username: str) -> None:
        self.door = DOORS[number % len(DOORS)]
        self.chance = random.Random(number)  # noqa: S311
        self.client = Client(raise_request_exception=False)
        self.client.force_login(User.objects.get(username=username))
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.change = 0
        self.faults: list[str] = []

    def play(self, codes: Sequence[str], turns: int) -> Outcome:
        """Random verbs on the lots of these codes."""
        for _ in range(turns):
            lots = Lot.objects.select_related("step", "route_version__route")
            lot = lots.get(code=self.chance.choice(codes))
            wish = self.chance.choice(ALL_TURNS)(self.chance, lot)
            if wish is None:
                continue
            try:
                self.send(wish.lot or lot, wish)
            except SupplychainError:
                self.refused[wish.verb] += 1
            else:
                self.done[wish.verb] += 1
                self.change += wish.change
        return Outcome(dict(self.done), dict(self.refused), self.change, tuple(self.faults[:3]))

    def send(self, lot: Lot, wish: Wish) -> None:
        """By the player's door; now and then twice, which must be as good as once."""
        order = DOOR[self.door](self, lot, wish)
        order()
        if self.chance.random() < REPEAT_RATIO:
            try:
                order()
            except SupplychainError as error:
                self.faults.append(f"{self.door}, {wish.verb} sent again: {error}")

    def sent(self, response: Any) -> None:
        """SupplychainError when the door refused; anything else unexpected is a fault."""
        if response.status_code in ACCEPTED:
            return
        if response.status_code not in REFUSED:
            self.faults.append(f"{response.status_code}: {response.content[:300]!r}")
        raise SupplychainError(f"refused with {response.status_code}")


Send = Callable[[], None]


def by_service(player: Player, lot: Lot, wish: Wish) -> Send:
    """As bulk work calls it."""
    now, key = timezone.now(), f"storm:{uuid.uuid4()}"
    order = ORDERS[wish.verb]
    shape = order.serializer(data={"verb": wish.verb, "occurred_at": now.isoformat(), **wish.body})
    shape.is_valid(raise_exception=True)
    reason = str(wish.body.get("reason", ""))
    command = Command(key, now, Source.SYSTEM, reason=reason)
    return lambda: void(order.carry_out(lot, shape.validated_data, command))


def void(_: object) -> None:
    """Nothing."""


def by_api(player: Player, lot: Lot, wish: Wish) -> Send:
    body = {"verb": wish.verb, "occurred_at": timezone.now().isoformat(), **wish.body}
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    address = f"/api/v1/lots/{lot.code}/events"
    return lambda: player.sent(
        player.client.post(address, body, "application/json", headers=headers)
    )


def by_page(player: Player, lot: Lot, wish: Wish) -> Send:
    if not wish.has_page:
        return by_api(player, lot, wish)
    answers = {"op_key": f"page:{uuid.uuid4()}", "comment": "", "go": "do", **wish.answers}
    address = wish.page or f"/lots/{lot.code}/do/{wish.verb}"

    def send() -> None:
        response = player.client.post(address, answers)
        if response.status_code == 200:  # the form again, with what it objects to
            raise SupplychainError("the form was refused")
        player.sent(response)

    return send


DOOR: Mapping[str, Callable[[Player, Lot, Wish], Send]] = {
    "service": by_service,
    "api": by_api,
    "page": by_page,
}


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
