from quality.services.attaching import attach_file, withdraw_file
from quality.services.books import restate_coverage
from quality.services.carrying_out import carry_out_disposition, do_effects
from quality.services.dispositions import (
    propose_disposition,
    refuse_disposition,
    sign_disposition,
    withdraw_disposition,
)
from quality.services.findings import clear_causes, raise_findings
from quality.services.issues import (
    acknowledge_issue,
    assign_issue,
    comment_issue,
    dismiss_issue,
    investigate_issue,
    plan_issue,
    reopen_issue,
    resolve_issue,
    snooze_issue,
    verify_issue,
)
from quality.services.limits import approve_limit, prepare_limit, withdraw_limit
from quality.services.merging import merge_issue, separate_issue
from quality.services.rebuilding import rebuild_yields
from quality.services.recount import recount_differences
from quality.services.reference import ensure_rule, load_reference
from quality.services.reviews import claim_reviews, finish_reviews, follow_ledger, queue_reviews
from quality.services.step_yields import restate_step_yields
from quality.services.yields import owed_lot_steps, summarise_lot_step, summarise_owed

__all__ = [
    "acknowledge_issue",
    "approve_limit",
    "assign_issue",
    "attach_file",
    "carry_out_disposition",
    "claim_reviews",
    "clear_causes",
    "comment_issue",
    "dismiss_issue",
    "do_effects",
    "ensure_rule",
    "finish_reviews",
    "follow_ledger",
    "investigate_issue",
    "load_reference",
    "merge_issue",
    "owed_lot_steps",
    "plan_issue",
    "prepare_limit",
    "propose_disposition",
    "queue_reviews",
    "raise_findings",
    "rebuild_yields",
    "recount_differences",
    "refuse_disposition",
    "reopen_issue",
    "resolve_issue",
    "restate_coverage",
    "restate_step_yields",
    "separate_issue",
    "sign_disposition",
    "snooze_issue",
    "summarise_lot_step",
    "summarise_owed",
    "verify_issue",
    "withdraw_disposition",
    "withdraw_file",
    "withdraw_limit",
]
