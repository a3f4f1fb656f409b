from quality.services.findings import clear_causes, raise_findings
from quality.services.issues import (
    acknowledge_issue,
    assign_issue,
    comment_issue,
    dismiss_issue,
    investigate_issue,
    reopen_issue,
    resolve_issue,
)
from quality.services.reference import ensure_rule, load_reference
from quality.services.reviews import claim_reviews, finish_reviews, follow_ledger, queue_reviews
from quality.services.step_yields import restate_step_yields
from quality.services.yields import owed_lot_steps, summarise_lot_step, summarise_owed

__all__ = [
    "acknowledge_issue",
    "assign_issue",
    "claim_reviews",
    "clear_causes",
    "comment_issue",
    "dismiss_issue",
    "ensure_rule",
    "finish_reviews",
    "follow_ledger",
    "investigate_issue",
    "load_reference",
    "owed_lot_steps",
    "queue_reviews",
    "raise_findings",
    "reopen_issue",
    "resolve_issue",
    "restate_step_yields",
    "summarise_lot_step",
    "summarise_owed",
]
