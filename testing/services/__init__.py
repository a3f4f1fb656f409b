from testing.services.burnin import record_burn_in
from testing.services.deciding import decide_conflict
from testing.services.programs import release_program, release_revision, retire_revision
from testing.services.readings import delete_orphan_reading_files
from testing.services.reference import load_reference
from testing.services.restating import restate_lot_step
from testing.services.runs import record_run

__all__ = [
    "decide_conflict",
    "delete_orphan_reading_files",
    "load_reference",
    "record_burn_in",
    "record_run",
    "release_program",
    "release_revision",
    "restate_lot_step",
    "retire_revision",
]
