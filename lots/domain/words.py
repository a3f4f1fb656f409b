"""The trade's words for lots, units, routes and the ledger. Source: the glossary in docs."""

from __future__ import annotations

from enum import StrEnum


class UnitOfMeasure(StrEnum):
    """What a quantity counts."""

    WAFER = "wafer"
    DIE = "die"
    PACKAGE = "package"
    BOARD = "board"
    SLED = "sled"
    SERVER = "server"
    ULTRASERVER = "ultraserver"
    SWITCH = "switch"
    SYSTEM = "system"
    COMPONENT = "component"


class UnitKind(StrEnum):
    """What a serialised thing is. A wafer is a lot's part, not a unit."""

    DIE = "die"
    PACKAGE = "package"
    BOARD = "board"
    SWITCH = "switch"
    SLED = "sled"
    SERVER = "server"
    SYSTEM = "system"
    ULTRASERVER = "ultraserver"
    COMPONENT = "component"


class LotKind(StrEnum):
    """What travels in the lot."""

    WAFER = "wafer"
    ASSEMBLY = "assembly"
    PART = "part"
    SYSTEM = "system"


class LotPurpose(StrEnum):
    """Why it was started; engineering yields never mix with production's."""

    PRODUCTION = "production"
    RISK = "risk-production"
    ENGINEERING = "engineering"


class LotState(StrEnum):
    """Where a lot stands in its life. A hold is a row of its own, not a state.

    Withdrawn: what made it was corrected, and nothing of it is there.
    """

    ACTIVE = "active"
    BANKED = "banked"
    SHIPPED = "shipped"
    FINISHED = "finished"
    SCRAPPED = "scrapped"
    WITHDRAWN = "withdrawn"


class StepKind(StrEnum):
    """What is done at a step of a route."""

    START = "start"
    FAB = "fab"
    WAT = "wafer-acceptance"
    BUMP = "bump"
    SORT = "sort"
    DICE = "dice"
    ASSEMBLY = "assembly"
    FINAL_TEST = "final-test"
    BURN_IN = "burn-in"
    SYSTEM_TEST = "system-test"
    INSPECTION = "inspection"
    BUILD = "build"
    SOAK = "soak"
    SHIP = "ship"
    RECEIVE = "receive"
    STOCK = "stock"
    INSTALL = "install"
    ACCEPT = "accept"
    FREE = "free"


class Title(StrEnum):
    """When what a supplier sells becomes ours: as we receive it (DAP, DDP), or as it leaves (EXW,
    FCA)."""

    ON_ARRIVAL = "on-arrival"
    ON_SHIPMENT = "on-shipment"


class VersionState(StrEnum):
    """Life of a versioned configuration; only a released version may be used."""

    DRAFT = "draft"
    RELEASED = "released"
    RETIRED = "retired"


class Verb(StrEnum):
    """What can happen to a lot, as written in the ledger."""

    RECEIVE = "receive"
    MOVE = "move"
    SPLIT = "split"
    MERGE = "merge"
    HOLD = "hold"
    RELEASE = "release"
    SCRAP = "scrap"
    DICE = "dice"
    ASSEMBLE = "assemble"
    SHIP = "ship"
    TRACK_IN = "track-in"
    TRACK_OUT = "track-out"
    LOSS = "loss"
    BONUS = "bonus"
    REWORK_OUT = "rework-out"
    REWORK_IN = "rework-in"
    BANK = "bank"
    UNBANK = "unbank"
    BIN = "bin"
    AMEND = "amend"
    REROUTE = "reroute"
    SWAP = "swap"
    REISSUE = "reissue"
    CORRECT = "correct"
    LATE_MOVE = "late-move"


class LineKind(StrEnum):
    """One side of a quantity balance."""

    IN = "in"
    BONUS = "bonus"
    MERGE_IN = "merge-in"
    PRODUCED = "produced"
    GOOD = "good"
    REJECT = "reject"
    SCRAP = "scrap"
    LOSS = "loss"
    SPLIT_OUT = "split-out"
    CONSUMED = "consumed"


class LineageKind(StrEnum):
    """How one lot came from another."""

    SPLIT = "split"
    MERGE = "merge"
    ASSEMBLE = "assemble"
    BIN = "bin"
    SWAP = "swap"


class UnitState(StrEnum):
    """Whether a unit may be used. What it is built into is an edge, not a state.

    Missing: nobody found it bad, it is only not where it should be. Withdrawn: what made it known
    was corrected; it may be received, cut or built again under its serial.
    """

    GOOD = "good"
    REJECT = "reject"
    MISSING = "missing"
    SCRAPPED = "scrapped"
    WITHDRAWN = "withdrawn"


class Trust(StrEnum):
    """Whether a unit's history was seen by us or only declared by its vendor."""

    SEEN = "seen"
    DECLARED = "declared"


class HoldClass(StrEnum):
    """Who has to decide."""

    MANUFACTURING = "manufacturing"
    QUALITY = "quality"
    ENGINEERING = "engineering"


class HoldScope(StrEnum):
    """What of the lot a hold stops."""

    LOT = "lot"
    WAFER = "wafer"
    BIN = "bin"
    UNIT = "unit"


class BinKind(StrEnum):
    """Physical sorting outcome, or the detailed reason."""

    HARD = "hard"
    SOFT = "soft"


class TrackDepth(StrEnum):
    """How finely a step records what happens at it; paid for only where it matters."""

    LOT = "lot"
    WAFER = "wafer"
    UNIT = "unit"


class GateMode(StrEnum):
    """What a step does when a lot wants to leave it without what it demands."""

    OFF = "off"
    FLAG = "flag"
    STOP = "stop"


class Gate(StrEnum):
    """A demand that a waiver may lift."""

    RESULTS = "results"
    QUEUE_TIME = "queue-time"
    STEP_ORDER = "step-order"


class Trigger(StrEnum):
    """When a future action is carried out."""

    ARRIVES = "arrives"
    LEAVES = "leaves"
    EVENT = "event"


class ActionState(StrEnum):
    """Life of a future action."""

    ARMED = "armed"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MergeAttribute(StrEnum):
    """What a rule may demand to be alike before lots merge."""

    PRODUCT = "product"
    BILL = "bill"
    ROUTE_VERSION = "route_version"
    STEP = "step"
    CUSTODIAN = "custodian"
    PURPOSE = "purpose"
    UNIT_OF_MEASURE = "unit_of_measure"
    STEPPING = "stepping"
    CUSTOMER = "customer"
    IS_HOT = "is_hot"
    REWORK_ATTEMPT = "rework_attempt"
    PARENT = "parent"


class Source(StrEnum):
    """By which door an event came."""

    PERSON = "person"
    API = "api"
    FEED = "feed"
    RULE = "rule"
    SYSTEM = "system"
