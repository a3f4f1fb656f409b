"""Acts by which a lot is divided, joined, counted anew or built into something."""

from __future__ import annotations

from lots.domain.commands import AssemblyOrder, Command, DieOrder
from lots.domain.words import LotPurpose, Verb
from lots.models import Event, Lot
from lots.services import (
    assemble_units,
    bin_down,
    dice_lot,
    merge_lots,
    record_bonus,
    record_loss,
    scrap_units,
    send_ahead,
    split_lot,
)
from operations.services.acting.frame import PARTS, Answers, LotAct, selection_of
from supplychain.base.errors import RefusedError
from testing.selectors import die_positions

SEND_AHEAD = "send-ahead"


def _split(lot: Lot, answers: Answers, command: Command) -> Event:
    return split_lot(
        lot=lot,
        child_code=answers["child_code"],
        selection=selection_of(answers),
        command=command,
    )


def _send_ahead(lot: Lot, answers: Answers, command: Command) -> Event:
    return send_ahead(
        lot=lot,
        child_code=answers["child_code"],
        selection=selection_of(answers),
        until_step_code=answers["until_step"].code,
        command=command,
    )


def _scrap(lot: Lot, answers: Answers, command: Command) -> Event:
    return scrap_units(lot=lot, selection=selection_of(answers), command=command)


def _loss(lot: Lot, answers: Answers, command: Command) -> Event:
    return record_loss(lot=lot, selection=selection_of(answers), command=command)


def _bonus(lot: Lot, answers: Answers, command: Command) -> Event:
    return record_bonus(lot=lot, quantity=answers["quantity"], command=command)


def _merge(lot: Lot, answers: Answers, command: Command) -> Event:
    return merge_lots(into=lot, lots=answers["lots"], command=command)


def _bin(lot: Lot, answers: Answers, command: Command) -> Event:
    return bin_down(
        lot=lot,
        child_code=answers["child_code"],
        product_code=answers["product"].code,
        selection=selection_of(answers),
        command=command,
    )


def _dice(lot: Lot, answers: Answers, command: Command) -> Event:
    """Good and bad as the last required sort step found them."""
    positions = die_positions(lot)
    untested = sorted(number for number, dies in positions.items() if not dies)
    if untested:
        named = ", ".join(str(number) for number in untested[:10])
        raise RefusedError(
            f"Wafer {named} of lot {lot.code} has no finished sort results, so no die is known "
            "to be good. Load the results first.",
            lot=lot.code,
            wafers=untested,
        )
    dies = [
        DieOrder(die.wafer_number, die.x, die.y, die.is_good)
        for found in positions.values()
        for die in found
    ]
    return dice_lot(lot=lot, dies=dies, die_product=answers["die_product"], command=command)


def _assemble(lot: Lot, answers: Answers, command: Command) -> Event:
    step = answers["at_step"]
    order = AssemblyOrder(
        lot_code=answers["lot_code"],
        product_code=answers["product"].code,
        route_code=step.route_version.route.code,
        step_code=step.code,
        custodian_code=lot.custodian.code,
        builds=answers["builds"],
        purpose=LotPurpose(lot.purpose),
        materials=answers["materials"],
    )
    return assemble_units(order=order, command=command)


PARTS_ACTS = (
    LotAct(Verb.SPLIT, "Split", "call_split", "lots.split_lot", "Split", _split, PARTS),
    LotAct(SEND_AHEAD, "Send a pilot ahead", "flight_takeoff", "lots.split_lot",
           "Pilot sent ahead", _send_ahead, PARTS),
    LotAct(Verb.MERGE, "Merge", "call_merge", "lots.merge_lot", "Merged", _merge, PARTS),
    LotAct(Verb.DICE, "Dice", "grid_on", "lots.dice_lot", "Diced", _dice, PARTS),
    LotAct(Verb.ASSEMBLE, "Assemble", "build", "lots.assemble_lot", "Assembled", _assemble,
           PARTS),
    LotAct(Verb.BIN, "Bin down", "arrow_downward", "lots.bin_lot", "Binned down", _bin, PARTS),
    LotAct(Verb.LOSS, "Record loss", "remove", "lots.adjust_lot", "Loss recorded", _loss, PARTS),
    LotAct(Verb.BONUS, "Record bonus", "add", "lots.adjust_lot", "Bonus recorded", _bonus,
           PARTS),
    LotAct(Verb.SCRAP, "Scrap", "delete", "lots.scrap_lot", "Scrapped", _scrap, PARTS,
           is_grave=True),
)  # fmt: skip
