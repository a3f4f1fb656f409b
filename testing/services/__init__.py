from testing.services.burnin import record_burn_in
from testing.services.deciding import decide_conflict
from testing.services.layouts import record_board_layout, sockets_off_layout
from testing.services.oven_logs import OvenLog, record_oven_log
from testing.services.policies import (
    approve_retest_rule,
    change_policy,
    prepare_retest_rule,
    withdraw_retest_rule,
)
from testing.services.programs import (
    Signatures,
    prepare_release,
    release_program,
    release_revision,
    retire_revision,
    withdraw_release,
)
from testing.services.readings import delete_orphan_reading_files
from testing.services.reference import load_reference
from testing.services.restating import restate_lot_step
from testing.services.runs import record_run
from testing.services.withdrawing import Withdrawal, record_run_anew, withdraw_run

__all__ = [
    "OvenLog",
    "Signatures",
    "Withdrawal",
    "approve_retest_rule",
    "change_policy",
    "decide_conflict",
    "delete_orphan_reading_files",
    "load_reference",
    "prepare_release",
    "prepare_retest_rule",
    "record_board_layout",
    "record_burn_in",
    "record_oven_log",
    "record_run",
    "record_run_anew",
    "release_program",
    "release_revision",
    "restate_lot_step",
    "retire_revision",
    "sockets_off_layout",
    "withdraw_release",
    "withdraw_retest_rule",
    "withdraw_run",
]
