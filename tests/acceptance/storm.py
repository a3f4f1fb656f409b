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
from dataclasses import asdict, dataclass, field
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
from lots.domain.rules import CORRECTABLE
from lots.domain.words import LotState, Source, Verb
from lots.models import Event, Hold, Lot, Step
from supplychain.base.errors import SupplychainError

SECONDS_MAX = 7_200
DOORS = ("service", "api", "page")
REWORK = "STORM-RW"
QUANTITY_MAX = 3
REPEAT_RATIO = 0.05
ACCEPTED = (200, 201, 302)
REFUSED = (400, 403, 404, 409, 412, 422, 428)
REASONS = {Verb.SCRAP: "handling", Verb.LOSS: "missing", Verb.BONUS: "found"}
SIGNS = {"scrap": -1, "loss": -1, "bonus": 1}


@dataclass(frozen=True, slots=True)
class Wish:
    """One verb as the API is asked, and as a page is. change: to the units of all lots."""

    verb: Verb
    body: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    change: int = 0


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
            wish = self.chance.choice(TURNS)(self, lot)
            if wish is None:
                continue
            try:
                self.send(lot, wish)
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

    def count(self) -> int:
        return self.chance.randint(1, QUANTITY_MAX)


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
    answers = {"op_key": f"page:{uuid.uuid4()}", "comment": "", "go": "do", **wish.answers}
    address = f"/lots/{lot.code}/do/{wish.verb}"

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


def change_quantity(player: Player, lot: Lot) -> Wish:
    """Scrap, loss or bonus of a few units."""
    verb = player.chance.choice(list(REASONS))
    quantity = player.count()
    asked = {"quantity": quantity, "reason": REASONS[verb]}
    return Wish(verb, asked, asked, SIGNS[verb] * quantity)


def stop(player: Player, lot: Lot) -> Wish | None:
    """Hold the lot, or release what holds it."""
    hold = Hold.objects.filter(lot=lot, released_at=None).first()
    if hold is not None:
        asked = {"hold": hold.pk, "disposition": "go on"}
        return Wish(Verb.RELEASE, asked, asked)
    if player.chance.random() < 0.3:
        asked = {"hold_class": "quality", "hold_reason": "storm"}
        return Wish(Verb.HOLD, asked, {**asked, "scope": "lot"})
    return None


def part(player: Player, lot: Lot) -> Wish:
    """Split some off, or take a child back."""
    child = Lot.objects.filter(
        code__startswith=f"{lot.code}.", state=LotState.ACTIVE, quantity__gt=0
    ).first()
    if child is not None and player.chance.random() < 0.7:
        return Wish(Verb.MERGE, {"lots": [child.code]}, {"lots": child.code})
    code, quantity = f"{lot.code}.{uuid.uuid4().hex[:8]}", player.count()
    return Wish(
        Verb.SPLIT,
        {"child": code, "quantity": quantity},
        {"child_code": code, "quantity": quantity},
    )


def go(player: Player, lot: Lot) -> Wish | None:
    """To any step of its route, back with a reason."""
    steps = Step.objects.filter(route_version=lot.route_version_id).exclude(pk=lot.step_id)
    step = player.chance.choice(list(steps) or [None])
    if step is None:
        return None
    return Wish(
        Verb.MOVE,
        {"to_step": step.code, "reason": "again"},
        {"to_step": step.pk, "reason": "again"},
    )


def work(player: Player, lot: Lot) -> Wish:
    """In, or out with a few scrapped."""
    if lot.tracked_in_at is None:
        return Wish(Verb.TRACK_IN, {"equipment": "T-01"}, {"equipment": "T-01"})
    lost = player.chance.randint(0, QUANTITY_MAX)
    steps = Step.objects.filter(
        route_version=lot.route_version_id, sequence__gt=lot.step.sequence
    ).order_by("sequence")
    to = steps.first()
    losses = [{"quantity": lost, "reason": "handling", "kind": "scrap"}] if lost else []
    answers = {"what_1": lost, "reason_1": "scrap:handling"} if lost else {}
    return Wish(
        Verb.TRACK_OUT,
        {"losses": losses},
        {"to_step": to.pk if to else "", **answers},
        -lost,
    )


def park(player: Player, lot: Lot) -> Wish:
    """Into the bank, or out of it."""
    return Wish(Verb.UNBANK if lot.state == LotState.BANKED else Verb.BANK)


def mend(player: Player, lot: Lot) -> Wish | None:
    """Out to rework, or back from it."""
    if lot.rework_return_step is not None:
        step = lot.rework_return_step
        return Wish(Verb.REWORK_IN, {"to_step": ""}, {"to_step": step.pk})
    if lot.state != LotState.ACTIVE:
        return None
    at = Step.objects.get(route_version__route__code=REWORK, code="LOOK")
    body = {"route": REWORK, "step": "LOOK", "return_step": lot.step.code, "reason": "contact"}
    answers = {"at_step": at.pk, "return_step": lot.step_id, "reason": "contact"}
    return Wish(Verb.REWORK_OUT, body, answers)


def correct(player: Player, lot: Lot) -> Wish | None:
    """Undo the lot's last event that can be undone."""
    event = Event.objects.filter(lot=lot).order_by("-seq").first()
    if event is None or event.verb not in CORRECTABLE:
        return None
    lines = event.lines.filter(kind__in=SIGNS)
    change = sum(SIGNS[line.kind] * line.quantity for line in lines)
    asked = {"seq": event.seq, "reason": "mistake"}
    return Wish(Verb.CORRECT, asked, {"event": event.pk, "reason": "mistake"}, -change)


TURNS: Sequence[Callable[[Player, Lot], Wish | None]] = (
    change_quantity,
    change_quantity,
    stop,
    stop,
    part,
    part,
    go,
    work,
    work,
    park,
    mend,
    correct,
)


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
