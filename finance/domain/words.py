"""Finance's words: accounts, kinds of entry, states, and why something could not be posted."""

from __future__ import annotations

from enum import StrEnum


class Account(StrEnum):
    """Where quantity and money stand. Inventory is split further by stage."""

    INVENTORY = "inventory"
    VENDOR_OWNED = "vendor-owned"
    IN_TRANSIT = "in-transit"
    CONSTRUCTION = "construction-in-progress"
    FIXED_ASSET = "fixed-asset"
    COUNT_ADJUSTMENT = "count-adjustment"
    SUPPLIER = "supplier"
    CONVERSION = "conversion"
    NORMAL_SCRAP = "normal-scrap"
    ABNORMAL_SCRAP = "abnormal-scrap"
    RETIREMENT = "retirement"
    VARIANCE = "variance"
    WRITE_DOWN = "write-down"


CARRYING = frozenset(
    {
        Account.INVENTORY,
        Account.VENDOR_OWNED,
        Account.IN_TRANSIT,
        Account.CONSTRUCTION,
        Account.FIXED_ASSET,
        Account.COUNT_ADJUSTMENT,
    }
)
"""Accounts that carry a lot: summed over them, a lot's quantity is what the lots ledger says."""

PLACES = frozenset(
    {Account.INVENTORY, Account.VENDOR_OWNED, Account.CONSTRUCTION, Account.FIXED_ASSET}
)
"""Accounts a route step may value its lots in."""


class EntryKind(StrEnum):
    """What a leg says happened."""

    RECEIPT = "receipt"
    PURCHASE = "purchase"
    TRANSFER = "transfer"
    ABSORPTION = "absorption"
    CONSUMPTION = "consumption"
    PRODUCTION = "production"
    NORMAL_LOSS = "normal-loss"
    YIELD_VARIANCE = "yield-variance"
    MAP_COUNT_VARIANCE = "map-count-variance"
    STANDARD_CHANGE = "standard-change"
    SCRAP = "scrap"
    RETIREMENT = "retirement"
    COUNT_DIFFERENCE = "count-difference"
    WRITE_DOWN = "write-down"
    PRICE_VARIANCE = "purchase-price-variance"
    CONVERSION_VARIANCE = "conversion-variance"
    REVALUATION = "revaluation"


class InvoiceKind(StrEnum):
    """What a supplier sends: a claim, or what takes one back."""

    INVOICE = "invoice"
    CREDIT = "credit"


class Given(StrEnum):
    """What suppliers give, and claim for."""

    GOODS = "goods"
    WORK = "work"


class LeftOutReason(StrEnum):
    """Why a revaluation leaves stock as it is carried.

    It was written down and is not written up; its lot has events not posted, or lines after the
    day; its units are in dispute; or the version has no cost of it.
    """

    WRITTEN_DOWN = "written-down"
    NOT_POSTED = "not-posted"
    MOVED_LATER = "moved-later"
    IN_DISPUTE = "in-dispute"
    NO_COST = "no-cost"


class AssetState(StrEnum):
    """Life of what is put up in a data centre."""

    CONSTRUCTION = "under-construction"
    SERVICE = "in-service"
    RETIRED = "retired"


class LifeStep(StrEnum):
    """What happened to an asset."""

    BUILT = "built"
    CONSTRUCTION = "construction-began"
    ACCEPTED = "accepted"
    SHIPPED = "shipped"
    MOVED = "moved"
    REGROUPED = "lot-changed"
    REVALUED = "revalued"
    BUILT_IN = "built-in"
    RETURNED = "returned"
    TAKEN_BACK = "taken-back"
    SCRAPPED = "scrapped"
    RETIRED = "retired"
    SWAPPED = "part-swapped"
    PLACED = "placed"
    REMOVED = "taken-out"
    RACK_MOVED = "rack-moved"


class AssumptionKind(StrEnum):
    """What a line that standard costs are rolled up from says of an item at a stage."""

    PURCHASE = "purchase-price"
    PART = "part-price"
    GROSS_DIES = "gross-dies"
    YIELD = "yield"
    CONVERSION = "conversion"
    COMPONENT = "component"


class PeriodState(StrEnum):
    """Life of a period. Only an open one takes postings that follow the lots ledger."""

    OPEN = "open"
    SOFT_CLOSED = "soft-closed"
    CLOSED = "closed"


class Side(StrEnum):
    """Which lines of a period's roll-forward: those before it, what came, what went, or all."""

    OPENING = "opening"
    INCOMING = "in"
    OUTGOING = "out"
    CLOSING = "closing"


class ExportFormat(StrEnum):
    """How the ledger leaves. csv-excel: for spreadsheets, its texts made harmless."""

    CSV = "csv"
    CSV_EXCEL = "csv-excel"
    NDJSON = "ndjson"
    PARQUET = "parquet"


class JournalFormat(StrEnum):
    """Which general ledger a journal is written for."""

    GENERIC = "generic"
    SAP = "sap"
    ORACLE = "oracle"
    NETSUITE = "netsuite"
    WORKDAY = "workday"


class JournalAccount(StrEnum):
    """Accounts that only a journal has: for what rounding leaves, and its parts owe another."""

    ROUNDING = "rounding"
    PARTING = "parting"


class ExportState(StrEnum):
    """Life of an export. Ready and failed are for ever."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


OWED_EXPORTS = (ExportState.WAITING, ExportState.RUNNING)


class CloseCheck(StrEnum):
    """What is looked at before a period is closed."""

    UNPOSTED_EVENTS = "unposted-events"
    OWED_EVENTS = "owed-events"
    QUANTITY_ISSUES = "open-quantity-issues"
    DISPUTED_UNITS = "disputed-units"
    UNAPPROVED_COSTS = "unapproved-costs"
    UNAPPROVED_DOCUMENTS = "unapproved-documents"
    OVER_INVOICED = "invoiced-beyond-receipt"
    OUT_OF_BALANCE = "stages-out-of-balance"
    UNRECONCILED = "unreconciled-lots"
    LATE_FACTS = "late-facts"


class DifferenceReason(StrEnum):
    """Why counts of a lot differ: it waits to be posted, was posted elsewhere, or is not there."""

    OWED = "owed"
    MISPOSTED = "misposted"
    MISCOUNTED = "miscounted"


class GapCode(StrEnum):
    """Why an event is owed to the subledger."""

    MISSING_COST = "missing-cost"
    MISSING_STAGE = "missing-stage"
    MISSING_PERIOD = "missing-period"
    WRONG_QUANTITY = "wrong-quantity"
    WAITING = "waiting"
    DAY_AHEAD = "day-ahead"
