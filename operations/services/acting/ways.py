"""Acts by which a lot goes on, waits, leaves, or comes back."""

from __future__ import annotations

from lots.domain.commands import Command
from lots.domain.orders import TrackOutOrder
from lots.domain.words import Title, Verb
from lots.models import Event, Lot
from lots.services import (
    bank_lot,
    move_lot,
    receive_shipment,
    reroute_lot,
    rework_in,
    rework_out,
    ship_lot,
    track_in,
    track_out,
    unbank_lot,
)
from operations.services.acting.frame import WAY, Answers, LotAct


def _track_in(lot: Lot, answers: Answers, command: Command) -> Event:
    return track_in(lot=lot, command=command, equipment=answers["equipment"])


def _track_out(lot: Lot, answers: Answers, command: Command) -> Event:
    step = answers["to_step"]
    order = TrackOutOrder(
        to_step_code=step.code if step else "",
        losses=answers["losses"],
        bonus=answers.get("bonus") or 0,
        bonus_reason=answers.get("bonus_reason") or "",
    )
    return track_out(lot=lot, order=order, command=command)


def _move(lot: Lot, answers: Answers, command: Command) -> Event:
    return move_lot(lot=lot, to_step=answers["to_step"], command=command)


def _ship(lot: Lot, answers: Answers, command: Command) -> Event:
    return ship_lot(
        lot=lot,
        to=answers["to"],
        customer=answers["customer"],
        command=command,
        title=Title(answers["title"]) if answers["title"] else None,
    )


def _arrive(lot: Lot, answers: Answers, command: Command) -> Event:
    return receive_shipment(
        lot=lot,
        custodian=answers["custodian"],
        to_step=answers["to_step"],
        counted_quantity=answers["counted_quantity"],
        command=command,
    )


def _rework_out(lot: Lot, answers: Answers, command: Command) -> Event:
    step = answers["at_step"]
    return rework_out(
        lot=lot,
        route_code=step.route_version.route.code,
        step_code=step.code,
        return_step_code=answers["return_step"].code,
        command=command,
    )


def _rework_in(lot: Lot, answers: Answers, command: Command) -> Event:
    return rework_in(lot=lot, command=command, to_step_code=answers["to_step"].code)


def _bank(lot: Lot, _: Answers, command: Command) -> Event:
    return bank_lot(lot=lot, command=command)


def _unbank(lot: Lot, _: Answers, command: Command) -> Event:
    return unbank_lot(lot=lot, command=command)


def _reroute(lot: Lot, answers: Answers, command: Command) -> Event:
    step = answers["at_step"]
    return reroute_lot(
        lot=lot, to_version=step.route_version, to_step_code=step.code, command=command
    )


WAYS = (
    LotAct(Verb.TRACK_IN, "Track in", "login", "lots.track_lot", "Tracked in", _track_in),
    LotAct(Verb.TRACK_OUT, "Track out", "logout", "lots.track_lot", "Tracked out", _track_out),
    LotAct(Verb.RECEIVE, "Receive", "call_received", "lots.receive_lot", "Received", _arrive),
    LotAct(Verb.UNBANK, "Take out of bank", "inventory_2", "lots.bank_lot",
           "Taken out of the bank", _unbank),
    LotAct(Verb.REWORK_IN, "Back from rework", "undo", "lots.rework_lot", "Back from rework",
           _rework_in),
    LotAct(Verb.MOVE, "Move", "arrow_forward", "lots.move_lot", "Moved", _move),
    LotAct(Verb.SHIP, "Ship", "local_shipping", "lots.ship_lot", "Shipped", _ship, WAY),
    LotAct(Verb.BANK, "Bank", "inventory_2", "lots.bank_lot", "Banked", _bank, WAY),
    LotAct(Verb.REWORK_OUT, "Send to rework", "autorenew", "lots.rework_lot", "Sent to rework",
           _rework_out, WAY),
    LotAct(Verb.REROUTE, "Change route", "alt_route", "lots.reroute_lot", "On its new route",
           _reroute, WAY),
)  # fmt: skip
