from lots.services.acting import cancel_action, first_plan, plan_action
from lots.services.adjusting import record_bonus, record_loss
from lots.services.amending import amend_lot, reroute_lot
from lots.services.assembling import assemble_units
from lots.services.banking import bank_lot, unbank_lot
from lots.services.binning import bin_down
from lots.services.correcting import correct_event
from lots.services.dicing import dice_lot
from lots.services.frame import (
    answered,
    first_answer,
    in_one_transaction,
    is_lost_race,
    locked_lots,
)
from lots.services.holding import assign_hold, date_hold, hold_lot, release_hold
from lots.services.moving import move_lot
from lots.services.overtaking import record_late_move
from lots.services.previewing import LotView, Preview, preview
from lots.services.receiving import receive_lot, receive_shipment, receive_wafers
from lots.services.reference import engineering_product, load_reference
from lots.services.reissuing import reissue_material
from lots.services.reworking import rework_in, rework_out
from lots.services.scrapping import scrap_units
from lots.services.sending import send_ahead
from lots.services.shipping import ship_lot
from lots.services.splitting import merge_lots, split_lot
from lots.services.swapping import swap_part
from lots.services.tracking import track_in, track_out

__all__ = [
    "LotView",
    "Preview",
    "amend_lot",
    "answered",
    "assemble_units",
    "assign_hold",
    "bank_lot",
    "bin_down",
    "cancel_action",
    "correct_event",
    "date_hold",
    "dice_lot",
    "engineering_product",
    "first_answer",
    "first_plan",
    "hold_lot",
    "in_one_transaction",
    "is_lost_race",
    "load_reference",
    "locked_lots",
    "merge_lots",
    "move_lot",
    "plan_action",
    "preview",
    "receive_lot",
    "receive_shipment",
    "receive_wafers",
    "record_bonus",
    "record_late_move",
    "record_loss",
    "reissue_material",
    "release_hold",
    "reroute_lot",
    "rework_in",
    "rework_out",
    "scrap_units",
    "send_ahead",
    "ship_lot",
    "split_lot",
    "swap_part",
    "track_in",
    "track_out",
    "unbank_lot",
]
