"""Every page and list over the fleet, signed in, at one size after another."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks.lots.fleet_rows import T0, Group
from benchmarks.lots.fleet_tests import lot_step
from benchmarks.lots.telling import tell
from lots.selectors.ledger import head_seq
from operations.domain.recall_questions import Question
from operations.domain.words import Origin
from operations.models import RecallCase
from operations.services.recalls import open_case

ROUNDS = 7
GROWTH = "asked: 1.3 or less"
NEAR = 0.005  # seconds that no person and no clock of ours tells apart
TITLE = "Benchmark"


ADDRESSES = {
    "home": "/",
    "find by start of serial": "/find?q={small}P01",
    "find by one letter": "/find?q=F",
    "find, nothing there": "/find?q=QQ",
    "hold board": "/holds",
    "jobs": "/jobs",
    "lots": "/admin/lots/lot/",
    "lots on hold": "/admin/lots/lot/?attention=held",
    "lots late": "/admin/lots/lot/?attention=late",
    "lots hot (none)": "/admin/lots/lot/?attention=hot",
    "lots active": "/admin/lots/lot/?state__exact=active",
    "lots banked (none)": "/admin/lots/lot/?state__exact=banked",
    "lots by code": "/admin/lots/lot/?q={small}",
    "wafers": "/admin/lots/wafer/",
    "units": "/admin/lots/unit/",
    "units scrapped": "/admin/lots/unit/?state__exact=scrapped",
    "units by serial": "/admin/lots/unit/?q={small}P01",
    "units, third page": "/admin/lots/unit/?p=3",
    "events": "/admin/lots/event/",
    "events by lot": "/admin/lots/event/?q={small}P1",
    "events, corrections (none)": "/admin/lots/event/?verb__exact=correct",
    "genealogy edges": "/admin/lots/genealogy/",
    "genealogy edges by serial": "/admin/lots/genealogy/?q={small}P0100",
    "holds": "/admin/lots/hold/",
    "racks": "/admin/racks/rack/",
    "placements": "/admin/racks/placement/",
    "placements by serial": "/admin/racks/placement/?q={small}V0010",
    "recall items": "/admin/operations/recallitem/",
    "lot of wafers, diced": "/lots/{small}W0",
    "lot of packages": "/lots/{small}P0",
    "lot of UltraServers": "/lots/{small}U",
    "lot in process": "/lots/WIP-007",
    "lot as of": "/lots/{small}P0/then?as_of_seq={seq}",
    "lots as of an event": "/lots/then?as_of_seq={seq}",
    "lots as of a day": "/lots/then?happened_by={then}",
    "lots as of, by step": "/lots/then?as_of_seq={seq}&step=CP1",
    "traveller": "/lots/{small}P0/traveller",
    "wafer": "/wafers/{small}W0-01",
    "die": "/units/{small}W0-01:3:3",
    "package": "/units/{small}P0100",
    "UltraServer of 64": "/units/{small}U0010",
    "UltraServer of 144": "/units/{large}U0010",
    "genealogy of a package": "/units/{small}P0100/genealogy",
    "genealogy of 144": "/units/{large}U0010/genealogy",
    "genealogy of 144, CSV": "/units/{large}U0010/genealogy.csv",
    "sites": "/sites",
    "site": "/sites/BENCH5",
    "rack": "/racks/{small}R01",
    "rack of half a large one": "/racks/{large}R01",
    "recalls": "/recalls",
    "new recall": "/recalls/new",
    "recall": "/recalls/R-{case}",
    "recall, items of a rack": "/recalls/R-{case}?rack={small}R01",
    "recall, CSV": "/recalls/R-{case}/items.csv",
    "API lots": "/api/v1/lots",
    "API lots on hold": "/api/v1/lots?on_hold=true",
    "API lots banked (none)": "/api/v1/lots?state=banked",
    "API lots of a product": "/api/v1/lots?product=TRN3-US64",
    "API lots at a step (none)": "/api/v1/lots?step=FABRIC",
    "API lots by supplier (none)": "/api/v1/lots?supplier=CRBS",
    "API lots by code": "/api/v1/lots?q={small}",
    "API lot": "/api/v1/lots/{small}W0",
    "API lots as of": "/api/v1/lots?as_of_seq={seq}",
    "API lots by a day": "/api/v1/lots?happened_by={then}",
    "API lots as of, by step": "/api/v1/lots?as_of_seq={seq}&step=CP1",
    "API balances": "/api/v1/balances",
    "API balances by a day": "/api/v1/balances?happened_by={then}",
    "API events from the start": "/api/v1/events",
    "API events at the head": "/api/v1/events?after_seq={late}",
    "API events of a lot": "/api/v1/lots/{small}P0/events",
    "API racks": "/api/v1/racks",
    "API racks of a site": "/api/v1/racks?site=BENCH5",
    "API rack": "/api/v1/racks/{small}R01",
    "API sites": "/api/v1/sites",
    "API trace of a unit": "/api/v1/units/{small}P0100/trace",
    "API trace of a slot": "/api/v1/racks/{small}R01/slots/1/trace",
    "API genealogy of 144": "/api/v1/units/{large}U0010/genealogy",
    "API recalls": "/api/v1/recalls",
    "API recall": "/api/v1/recalls/{case}",
    "API recall items": "/api/v1/recalls/{case}/items",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked; a form's values where it is posted."""

    address: str
    posted: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds in the middle of the rounds, queries and bytes of one answer."""

    seconds: float
    queries: int
    size: int


def costs() -> dict[str, Cost]:
    """Page → what it takes at the fleet's present size, after one turn to warm up."""
    person, _ = User.objects.get_or_create(
        username="benchmark", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client(HTTP_HOST="localhost", raise_request_exception=True)
    client.force_login(person)
    return {name: _cost(client, page) for name, page in pages(_case(person)).items()}


def _case(person: User) -> RecallCase:
    """A recall of a whole wafer lot, opened once."""
    standing = RecallCase.objects.filter(title=TITLE).first()
    question = Question(Origin.LOT, names=(f"{Group(5).name}W0",))
    return standing or open_case(question=question, title=TITLE, reason=TITLE, actor=person)


def _cost(client: Client, page: Page) -> Cost:
    queries: list[str] = []
    with connection.execute_wrapper(_counter(queries)):
        size = _asked(client, page)
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        _asked(client, page)
        taken.append(time.perf_counter() - begun)
    return Cost(statistics.median(taken), len(queries), size)


def _counter(queries: list[str]) -> Callable[..., Any]:
    """Django's own log begins anew with every request."""

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append(sql)
        return execute(sql, params, many, context)

    return count


def _asked(client: Client, page: Page) -> int:
    is_posted = page.posted is not None
    answer: Any = (client.post if is_posted else client.get)(page.address, page.posted)
    assert answer.status_code == 200, f"{page.address}: {answer.status_code} {_told(answer)}"
    if answer.streaming:
        return sum(len(part) for part in answer.streaming_content)
    return len(answer.content)


def _told(answer: Any) -> str:
    return "" if answer.streaming else answer.content.decode()[:400]


def pages(case: RecallCase) -> dict[str, Page]:
    """By name; all of what every size has."""
    small, large, seq = Group(5).name, Group(3).name, head_seq()
    then = (T0 + timedelta(days=400)).isoformat().replace("+00:00", "Z")
    run = Group(5).at + timedelta(days=120)
    window = {
        "equipment": "FLEET-T00",
        "since": f"{run:%Y-%m-%dT%H:%M:%S}",
        "until": f"{run + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}",
    }
    words = {
        "small": small,
        "large": large,
        "seq": seq,
        "late": seq - 100,
        "then": then,
        "case": case.number,
    }
    addresses = {name: address.format(**words) for name, address in ADDRESSES.items()}
    asked = {name: Page(address) for name, address in addresses.items()}
    forms: dict[str, dict[str, str]] = {
        "lot": {"names": f"{small}W0"},
        "wafer": {"names": f"{small}W0-01 {small}W1-02"},
        "zone": {"names": f"{small}W0-01", "zone": "edge-ring"},
        "tester": window,
        "oven": {"load": str(lot_step(Group(5), 4, is_burn_in=True))},
        "serials": {"names": f"{small}P0100 {small}P0101 {large}V0001"},
    }
    for origin, values in forms.items():
        asked[f"recall of {origin}, preview"] = Page(f"/recalls/new?origin={origin}", values)
    asked["hold of what was shipped, preview"] = Page(
        f"/lots/{small}W0/do/hold",
        {
            "op_key": "page:benchmark", "hold_class": "quality", "hold_reason": "Back-dated",
            "scope": "lot", "go": "try",
            "happened_at": f"{timezone.now() - timedelta(days=30):%Y-%m-%dT%H:%M}",
        },
    )  # fmt: skip
    return asked


def told(small: Mapping[str, Cost], whole: Mapping[str, Cost]) -> None:
    """One line a page, the worst growth last."""

    def growth(name: str) -> float:
        return max(whole[name].seconds, NEAR) / max(small[name].seconds, NEAR)

    for name in sorted(whole, key=growth):
        then, now = small[name], whole[name]
        note = f"{GROWTH}; {now.queries} queries" + (
            "" if then.queries == now.queries else f", were {then.queries}"
        )
        tell(name, now.seconds, then.seconds, "s", note)
