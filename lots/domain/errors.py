"""What the rules of lots refuse. Each says what stands in the way and what to do."""

from __future__ import annotations

from supplychain.base.errors import RefusedError


class HeldError(RefusedError):
    """An open hold stops the verb."""

    code = "held"
    title = "The lot is on hold"


class WrongStateError(RefusedError):
    """The lot's state does not allow the verb."""

    code = "wrong-state"
    title = "Not possible in the lot's state"


class WrongStepError(RefusedError):
    """The step is not on the lot's route, or not where this may happen."""

    code = "wrong-step"
    title = "Not possible at this step"


class GateError(RefusedError):
    """A step's gate is closed, and no waiver opens it."""

    code = "gate"
    title = "A gate of the step is closed"


class QuantityError(RefusedError):
    """More was asked for than there is, or other things than the lot holds."""

    code = "quantity"
    title = "The lot does not hold that"


class ReasonError(RefusedError):
    """The reason is not one of those listed for the verb."""

    code = "reason"
    title = "No such reason"


class OvertakenError(RefusedError):
    """It happened before something that was recorded already and that would not stand after it."""

    code = "overtaken"
    title = "Something later was recorded already"


class UnlikeLotsError(RefusedError):
    """Lots that differ cannot become one."""

    code = "unlike-lots"
    title = "The lots differ"


class BillError(RefusedError):
    """What was built is not what the bill of materials says."""

    code = "bill"
    title = "Not as the bill of materials says"


class PartError(RefusedError):
    """A part is unknown, bad, or already built into something."""

    code = "part"
    title = "A part cannot be used"
