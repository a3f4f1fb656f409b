from finance.services.costs import approve_cost_version
from finance.services.exporting import work_exports
from finance.services.exports import ask_export
from finance.services.periods import (
    approve_restatement,
    close_period,
    give_up_restatement,
    prepare_restatement,
    soft_close_period,
)
from finance.services.posting import post_events, replay_gaps
from finance.services.profiles import approve_posting_profile
from finance.services.reading import log_read
from finance.services.reference import load_reference
from finance.services.telling import tell_advance

__all__ = [
    "approve_cost_version",
    "approve_posting_profile",
    "approve_restatement",
    "ask_export",
    "close_period",
    "give_up_restatement",
    "load_reference",
    "log_read",
    "post_events",
    "prepare_restatement",
    "replay_gaps",
    "soft_close_period",
    "tell_advance",
    "work_exports",
]
