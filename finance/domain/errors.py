"""Why an event cannot be posted yet. Each says what to do; the event stays owed as a gap."""

from __future__ import annotations

from typing import ClassVar

from finance.domain.words import GapCode
from supplychain.base.errors import ConflictError, RefusedError, SupplychainError


class PostingError(RefusedError):
    """An event that the rules cannot value as things stand."""

    code = "posting"
    title = "The event cannot be posted yet"
    gap_code: ClassVar[GapCode]


class MissingCostError(PostingError):
    """No approved standard cost for an item at a stage on that day."""

    gap_code = GapCode.MISSING_COST


class MissingStageError(PostingError):
    """A route step that says nothing about the stage its lots are valued at."""

    gap_code = GapCode.MISSING_STAGE


class MissingPeriodError(PostingError):
    """No open period on or after the effective day."""

    gap_code = GapCode.MISSING_PERIOD


class DayAheadError(PostingError):
    """An event of a day that has not come."""

    gap_code = GapCode.DAY_AHEAD


class QuantityError(PostingError):
    """The lots ledger moves a quantity that the subledger does not carry there."""

    gap_code = GapCode.WRONG_QUANTITY


class WaitingError(PostingError):
    """An earlier event of one of the lots is still owed."""

    gap_code = GapCode.WAITING


class FrozenCostError(ConflictError):
    """An approved cost version was loaded again with other content."""

    code = "cost-version-frozen"
    title = "An approved cost version is never edited"


class RollUpError(RefusedError):
    """Assumptions that give no cost. The detail names the line."""

    code = "roll-up"
    title = "The costs cannot be rolled up"


class RangeError(SupplychainError):
    """A part of a file that lies beyond its end."""

    code = "range"
    title = "The file has no such part"
    status = 416
