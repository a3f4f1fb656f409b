"""What a person can do with a lot on its page: a table of acts over the services of lots.

An act is tried first: carried out, looked at, and rolled back. So the preview says exactly what
the rules say, and a refusal comes before anyone agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction

from lots.domain.commands import Command, Selection
from lots.domain.rules import ALLOWED
from lots.domain.serials import number_ranges
from lots.domain.words import LineKind, LotState, StepKind, UnitOfMeasure, Verb
from lots.models import Lot, ReasonCode
from lots.services import first_answer, in_one_transaction, locked_lots
from lots.services.selecting import chosen
from operations.domain.changes import Change, changes
from operations.domain.quantities import counted
from operations.services.acting.frame import Answers, LotAct, selection_of
from operations.services.acting.parts import PARTS_ACTS, SEND_AHEAD
from operations.services.acting.plans import PLAN, PLANS, UNPLAN
from operations.services.acting.stops import STOPS_ACTS
from operations.services.acting.ways import WAYS

LOT_ACTS: dict[str, LotAct] = {act.verb: act for act in (*WAYS, *STOPS_ACTS, *PARTS_ACTS, *PLANS)}
STANDS_FOR = {SEND_AHEAD: Verb.SPLIT, PLAN: Verb.MOVE, UNPLAN: Verb.AMEND}
"""Acts that are not one verb of the ledger, and the verb that is possible when they are."""
SERIALS_SHOWN_MAX = 12
PART_UNITS = frozenset(
    {
        UnitOfMeasure.DIE,
        UnitOfMeasure.PACKAGE,
        UnitOfMeasure.BOARD,
        UnitOfMeasure.SWITCH,
        UnitOfMeasure.SLED,
        UnitOfMeasure.SERVER,
    }
)


@dataclass(frozen=True, slots=True)
class ActMenu:
    """Acts as a page offers them. common: buttons; groups: the rest, by title."""

    common: tuple[LotAct, ...]
    groups: tuple[tuple[str, tuple[LotAct, ...]], ...]


def menu_of(acts: Sequence[LotAct]) -> ActMenu:
    """Buttons first, then a menu, in the order of the table."""
    titles = dict.fromkeys(act.group for act in acts if act.group)
    groups = tuple((title, tuple(act for act in acts if act.group == title)) for title in titles)
    return ActMenu(tuple(act for act in acts if not act.group), groups)


def acts_for(lot: Lot, *, is_held: bool) -> list[LotAct]:
    """Acts that make sense now; the rules still have the last word."""
    return [
        act
        for act in LOT_ACTS.values()
        if STANDS_FOR.get(act.verb, act.verb) in ALLOWED[LotState(lot.state)]
        and _makes_sense(act.verb, lot, is_held=is_held)
    ]


def _makes_sense(verb: str, lot: Lot, *, is_held: bool) -> bool:
    is_at_work = lot.tracked_in_at is not None or lot.step.is_outsourced
    is_on_rework = lot.rework_return_step_id is not None
    answers = {
        Verb.HOLD: lot.quantity > 0,
        Verb.RELEASE: is_held,
        Verb.TRACK_IN: not is_at_work and not is_held,
        Verb.TRACK_OUT: is_at_work and not is_held,
        Verb.REWORK_OUT: not is_on_rework and not lot.route_version.is_free,
        Verb.REWORK_IN: is_on_rework,
        Verb.REROUTE: not is_on_rework,
        Verb.DICE: _may_be_diced(lot),
        Verb.ASSEMBLE: lot.unit_of_measure in PART_UNITS and lot.quantity > 0,
        Verb.LOSS: lot.quantity > 0,
        Verb.SCRAP: lot.quantity > 0,
        Verb.SPLIT: lot.quantity > 1,
        SEND_AHEAD: lot.quantity > 1 and not lot.route_version.is_free,
        Verb.BIN: lot.quantity > 0 and lot.unit_of_measure != UnitOfMeasure.WAFER,
        Verb.BONUS: lot.unit_of_measure != UnitOfMeasure.WAFER,
        Verb.REISSUE: lot.bill_id is not None,
    }
    return answers.get(verb, True)


def _may_be_diced(lot: Lot) -> bool:
    is_there = lot.step.kind == StepKind.DICE or lot.route_version.is_free
    return lot.unit_of_measure == UnitOfMeasure.WAFER and is_there


def try_act(
    *, act: LotAct, lots: Sequence[Lot], answers: Answers, command: Command
) -> list[Change]:
    """What the act would change. Nothing is kept; refusals come as they would."""
    changed = in_one_transaction(lambda: _changes(act, lots, answers, command))
    told = [*_binned(lots, answers), *_lost(lots, answers), *changed]
    return _shipment(lots, answers, told) if act.verb == Verb.SHIP else told


def _changes(act: LotAct, lots: Sequence[Lot], answers: Answers, command: Command) -> list[Change]:
    """To be called in a transaction, which is undone."""
    before = act.facts(lots, answers)
    _run(act, lots, answers, command)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    after = act.facts(lots, answers)
    transaction.set_rollback(True)
    return changes(before, after)


def _binned(lots: Sequence[Lot], answers: Answers) -> list[Change]:
    """How many fell in each of the bins named, and at which step."""
    if not answers.get("bins"):
        return []
    rows = []
    for lot in lots:
        found = chosen(lot, selection_of(answers)).binned
        assert found is not None, "bins are named"
        rows += [
            Change(
                f"Lot {lot.code}",
                f"{found.kind.capitalize()} bin {number} at {found.step_code}",
                "",
                counted(count, lot.unit_of_measure),
            )
            for number, count in found.counts.items()
        ]
    return rows


def _lost(lots: Sequence[Lot], answers: Answers) -> list[Change]:
    """What a track-out gives up, turns to reject or finds, by reason."""
    losses, bonus = answers.get("losses", ()), answers.get("bonus") or 0
    if not losses and not bonus:
        return []
    names = {
        (verb, code): name
        for verb, code, name in ReasonCode.objects.values_list("verb", "code", "name")
    }
    rows = []
    for lot in lots:
        for loss in losses:
            verb = Verb.SCRAP if loss.kind is LineKind.SCRAP else Verb.LOSS
            what = f"{verb.capitalize()}: {names.get((verb, loss.reason), loss.reason)}"
            rows.append(Change(f"Lot {lot.code}", what, "", _lost_words(lot, loss.selection)))
        if bonus:
            reason = answers["bonus_reason"]
            what = f"Bonus: {names.get((Verb.BONUS, reason), reason)}"
            found = counted(bonus, lot.unit_of_measure)
            rows.append(Change(f"Lot {lot.code}", what, "", found))
    return rows


def _lost_words(lot: Lot, selection: Selection) -> str:
    """`2 wafers: 3, 5`."""
    if selection.wafers:
        named = number_ranges([str(number) for number in selection.wafers])
        return f"{counted(len(selection.wafers), lot.unit_of_measure)}: {named}"
    if selection.serials:
        shown = ", ".join(selection.serials[:SERIALS_SHOWN_MAX])
        more = len(selection.serials) - SERIALS_SHOWN_MAX
        rest = f" and {more:,} more" if more > 0 else ""
        return f"{counted(len(selection.serials), lot.unit_of_measure)}: {shown}{rest}"
    return counted(selection.quantity or 0, lot.unit_of_measure)


def _shipment(lots: Sequence[Lot], answers: Answers, told: Sequence[Change]) -> list[Change]:
    """Where to, to whom and how much first, whether it differs from before or not."""
    rows = []
    for lot in lots:
        name, to = f"Lot {lot.code}", answers["to"]
        customer = answers["customer"] or lot.customer or "none"
        rows += [
            Change(name, "To", "", f"{to.code}, {to.name}"),
            Change(name, "Customer", lot.customer, customer),
            Change(name, "Leaves", "", counted(lot.quantity, lot.unit_of_measure)),
        ]
    return rows + [change for change in told if change.fact != "Customer"]


def do_act(*, act: LotAct, lots: Sequence[Lot], answers: Answers, command: Command) -> None:
    """Carry it out on all lots or on none."""
    in_one_transaction(lambda: _run(act, lots, answers, command))


def was_done(*, lots: Sequence[Lot], op_key: str, asked_sha256: str) -> bool:
    """Whether the act was carried out before under this key, asked in the same words.

    ConflictError when the key was used for other words.
    """
    return all(first_answer(f"{op_key}:{lot.pk}", asked_sha256) for lot in lots)


def _run(act: LotAct, lots: Sequence[Lot], answers: Answers, command: Command) -> None:
    if len(lots) > 1:  # before the first event locks the ledger's head, or two such may deadlock
        locked_lots(lot.pk for lot in lots)
    for lot in sorted(lots, key=lambda one: one.pk):
        own = replace(command, op_key=f"{command.op_key}:{lot.pk}")
        act.run(lot, answers, own)
