"""Waivers, the people they need, and a step that stops what lacks something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from lots.domain.balance import lines_of
from lots.domain.gates import WaiverOrder
from lots.domain.words import Gate, Verb
from lots.models import Event, Lot, Step, Waiver
from lots.services.frame import Draft, holding_of, locked_lot, once
from lots.services.gating import refuse_closed_gates
from lots.services.waiving import approve_waiver, request_waiver
from lots.tests.making import T0, command, counted_lot
from lots.tests.routing import released_route

DAY = timedelta(days=1)


def person(name: str) -> User:
    user, _ = User.objects.get_or_create(username=name)
    return user


def guarded_lot(code: str = "N1", quantity: int = 10, **step: Any) -> Lot:
    """A lot before a step that stops it without results: RCV, then SFT, then TRAY."""
    route = {"requires_results": True, "gate_mode": "stop", **step}
    if not Step.objects.filter(route_version__route__code="D", route_version__version=2).exists():
        released_route("D", {"code": "RCV", **route}, {"code": "SFT"}, {"code": "TRAY"})
    return counted_lot(code, quantity)


def asked(lot: Lot, *, on: Any = None, **changes: Any) -> Waiver:
    """A waiver that Ann asked for. on: a product instead of the lot."""
    now = timezone.now()
    said: dict[str, Any] = {
        "gate": Gate.RESULTS,
        "reason": "tester down",
        "quantity": 10,
        "valid_from": now - DAY,
        "valid_to": now + DAY,
    }
    step = changes.pop("step", lot.step)
    target = {"product": on} if on else {"lot": lot}
    order = WaiverOrder(**{**said, **changes})
    return request_waiver(order=order, step=step, actor=person("ann"), **target)


def granted(lot: Lot, **changes: Any) -> Waiver:
    """The same, approved by Ben."""
    return approve_waiver(waiver=asked(lot, **changes), actor=person("ben"))


def standing(lot: Lot, **terms: Any) -> Waiver:
    """One approved before; terms: what it says, also what could not be asked for now."""
    waiver = asked(lot, **{name: terms.pop(name) for name in ("gate", "quantity") if name in terms})
    signed = {"approved_by": person("ben"), "approved_at": timezone.now()}
    Waiver.objects.filter(pk=waiver.pk).update(**signed, **terms)
    waiver.refresh_from_db()
    return waiver


def passing(lot: Lot, to_step: Step, op_key: str = "") -> Callable[[], Event]:
    """The lot going to a later step now, through the gates alone."""
    order = command(op_key, hours=(timezone.now() - T0) / timedelta(hours=1))

    def work() -> Draft:
        event_id = uuid4()
        now = locked_lot(lot, Verb.MOVE, order)
        from_step = now.step
        refuse_closed_gates(now, from_step, to_step, order, event_id=event_id)
        now.step = to_step
        return Draft(
            Verb.MOVE,
            now,
            id=event_id,
            lines=lines_of(holding_of(now)),
            step_from_id=from_step.pk,
            step_to_id=to_step.pk,
            touched=(now,),
        )

    return lambda: once(Verb.MOVE, {"to": to_step.pk}, order, work)
