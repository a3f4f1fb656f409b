from finance.services.costs import approve_cost_version
from finance.services.exporting import work_exports
from finance.services.exports import ask_export
from finance.services.periods import close_period, soft_close_period
from finance.services.posting import post_events, replay_gaps
from finance.services.reading import log_read
from finance.services.reference import load_reference

__all__ = [
    "approve_cost_version",
    "ask_export",
    "close_period",
    "load_reference",
    "log_read",
    "post_events",
    "replay_gaps",
    "soft_close_period",
    "work_exports",
]
