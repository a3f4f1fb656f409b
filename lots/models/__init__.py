from lots.models.holds import Hold, LotLineage
from lots.models.ledger import Event, EventLine, LedgerHead
from lots.models.lots import Lot, Wafer
from lots.models.products import Bill, BillLine, Product, Supplier
from lots.models.routes import Route, RouteVersion, Step
from lots.models.units import Genealogy, Unit

__all__ = [
    "Bill",
    "BillLine",
    "Event",
    "EventLine",
    "Genealogy",
    "Hold",
    "LedgerHead",
    "Lot",
    "LotLineage",
    "Product",
    "Route",
    "RouteVersion",
    "Step",
    "Supplier",
    "Unit",
    "Wafer",
]
