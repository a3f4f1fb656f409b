from lots.services.assembling import assemble_units
from lots.services.dicing import dice_lot
from lots.services.frame import locked_lots
from lots.services.holding import hold_lot, release_hold
from lots.services.moving import move_lot
from lots.services.receiving import receive_lot, receive_shipment, receive_wafers
from lots.services.reference import engineering_product, load_reference
from lots.services.scrapping import scrap_units
from lots.services.shipping import ship_lot
from lots.services.splitting import merge_lots, split_lot

__all__ = [
    "assemble_units",
    "dice_lot",
    "engineering_product",
    "hold_lot",
    "load_reference",
    "locked_lots",
    "merge_lots",
    "move_lot",
    "receive_lot",
    "receive_shipment",
    "receive_wafers",
    "release_hold",
    "scrap_units",
    "ship_lot",
    "split_lot",
]
