from lots.selectors.genealogy import (
    TraceNode,
    containers_of,
    containers_of_each,
    parts_of,
    top_containers,
    units_below,
    units_of_lots,
)
from lots.selectors.ledger import (
    balance_lines,
    content_of,
    events_after,
    events_of_lot,
    head_seq,
)
from lots.selectors.lots import (
    StepWip,
    hold_reasons,
    late_lots,
    lots_on_hold,
    open_holds,
    stale_lots,
    wip_by_step,
)

__all__ = [
    "StepWip",
    "TraceNode",
    "balance_lines",
    "containers_of",
    "containers_of_each",
    "content_of",
    "events_after",
    "events_of_lot",
    "head_seq",
    "hold_reasons",
    "late_lots",
    "lots_on_hold",
    "open_holds",
    "parts_of",
    "stale_lots",
    "top_containers",
    "units_below",
    "units_of_lots",
    "wip_by_step",
]
