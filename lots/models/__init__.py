from lots.models.holds import Hold, HoldItem, LotLineage
from lots.models.ledger import Event, EventLine, LedgerHead
from lots.models.lots import Lot, Wafer
from lots.models.pilots import PilotRun
from lots.models.products import Bill, BillLine, Product, Supplier
from lots.models.queues import QueueClock, QueueLimit
from lots.models.routes import Route, RouteVersion, Step
from lots.models.rules import FutureAction, MergeRule, ReasonCode, Waiver, WaiverUse
from lots.models.units import Genealogy, MaterialUse, Unit

__all__ = [
    "Bill",
    "BillLine",
    "Event",
    "EventLine",
    "FutureAction",
    "Genealogy",
    "Hold",
    "HoldItem",
    "LedgerHead",
    "Lot",
    "LotLineage",
    "MaterialUse",
    "MergeRule",
    "PilotRun",
    "Product",
    "QueueClock",
    "QueueLimit",
    "ReasonCode",
    "Route",
    "RouteVersion",
    "Step",
    "Supplier",
    "Unit",
    "Wafer",
    "Waiver",
    "WaiverUse",
]
