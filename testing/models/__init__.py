from testing.models.burnin import (
    BurnInReading,
    BurnInRecount,
    BurnInRequirement,
    BurnInRun,
    BurnInUnit,
    OvenReading,
)
from testing.models.policies import RetestRule
from testing.models.programs import (
    BinDefinition,
    BoardLayout,
    Equipment,
    Parameter,
    Program,
    ProgramRevision,
)
from testing.models.restatements import ConflictDecision, IdentityConflict, Restatement
from testing.models.results import (
    LotStep,
    ReadingFile,
    ReadingSummary,
    Run,
    RunBin,
    RunLimit,
    RunWafer,
    RunWithdrawal,
    UnitResult,
)

__all__ = [
    "BinDefinition",
    "BoardLayout",
    "BurnInReading",
    "BurnInRecount",
    "BurnInRequirement",
    "BurnInRun",
    "BurnInUnit",
    "ConflictDecision",
    "Equipment",
    "IdentityConflict",
    "LotStep",
    "OvenReading",
    "Parameter",
    "Program",
    "ProgramRevision",
    "ReadingFile",
    "ReadingSummary",
    "Restatement",
    "RetestRule",
    "Run",
    "RunBin",
    "RunLimit",
    "RunWafer",
    "RunWithdrawal",
    "UnitResult",
]
