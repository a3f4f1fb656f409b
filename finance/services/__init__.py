from finance.services.asset_plans import approve_asset_plan, import_asset_plan
from finance.services.calendar import add_year
from finance.services.costs import approve_cost_version
from finance.services.drafts import give_up_draft
from finance.services.exporting import work_exports
from finance.services.exports import ask_export
from finance.services.invoices import (
    approve_invoice,
    foresee_invoice,
    give_up_invoice,
    prepare_invoice,
    try_invoice,
)
from finance.services.periods import (
    approve_restatement,
    close_period,
    give_up_restatement,
    prepare_restatement,
    reopen_period,
    soft_close_period,
)
from finance.services.posting import post_events, replay_gaps
from finance.services.profiles import approve_posting_profile
from finance.services.reading import begin_read, end_read, log_read
from finance.services.reference import load_reference
from finance.services.revaluations import (
    approve_revaluation,
    foresee_revaluation,
    give_up_revaluation,
    prepare_revaluation,
    try_revaluation,
)
from finance.services.rules import approve_posting_rules, approve_step_stage, copy_reasons
from finance.services.telling import tell_advance
from finance.services.write_downs import (
    approve_write_down,
    foresee,
    give_up_write_down,
    prepare_write_down,
    try_write_down,
)

__all__ = [
    "add_year",
    "approve_asset_plan",
    "approve_cost_version",
    "approve_invoice",
    "approve_posting_profile",
    "approve_posting_rules",
    "approve_restatement",
    "approve_revaluation",
    "approve_step_stage",
    "approve_write_down",
    "ask_export",
    "begin_read",
    "close_period",
    "copy_reasons",
    "end_read",
    "foresee",
    "foresee_invoice",
    "foresee_revaluation",
    "give_up_draft",
    "give_up_invoice",
    "give_up_restatement",
    "give_up_revaluation",
    "give_up_write_down",
    "import_asset_plan",
    "load_reference",
    "log_read",
    "post_events",
    "prepare_invoice",
    "prepare_restatement",
    "prepare_revaluation",
    "prepare_write_down",
    "reopen_period",
    "replay_gaps",
    "soft_close_period",
    "tell_advance",
    "try_invoice",
    "try_revaluation",
    "try_write_down",
    "work_exports",
]
