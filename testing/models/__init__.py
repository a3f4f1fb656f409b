from testing.models.burnin import BurnInReading, BurnInRequirement, BurnInRun, BurnInUnit
from testing.models.programs import BinDefinition, Equipment, Parameter, Program, ProgramRevision
from testing.models.results import LotStep, ReadingFile, ReadingSummary, Run, RunWafer, UnitResult

__all__ = [
    "BinDefinition",
    "BurnInReading",
    "BurnInRequirement",
    "BurnInRun",
    "BurnInUnit",
    "Equipment",
    "LotStep",
    "Parameter",
    "Program",
    "ProgramRevision",
    "ReadingFile",
    "ReadingSummary",
    "Run",
    "RunWafer",
    "UnitResult",
]
