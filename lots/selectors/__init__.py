from lots.selectors.genealogy import (
    TraceNode,
    containers_of,
    containers_of_each,
    parts_of,
    units_below,
    units_of_lots,
)
from lots.selectors.ledger import events_after, events_of_lot, head_seq
from lots.selectors.wip import (
    StepLoad,
    held_among,
    late_lots,
    lots_on_hold,
    open_holds,
    open_holds_by_age,
    stale_lots,
    wip_by_step,
    with_hold_mark,
)

__all__ = [
    "StepLoad",
    "TraceNode",
    "containers_of",
    "containers_of_each",
    "events_after",
    "events_of_lot",
    "head_seq",
    "held_among",
    "late_lots",
    "lots_on_hold",
    "open_holds",
    "open_holds_by_age",
    "parts_of",
    "stale_lots",
    "units_below",
    "units_of_lots",
    "wip_by_step",
    "with_hold_mark",
]
