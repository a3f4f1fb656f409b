from finance.models.closes import PeriodClose
from finance.models.costs import (
    CostAssumption,
    CostVersion,
    Stage,
    StandardCost,
)
from finance.models.entries import LedgerEntry, LedgerHead, LedgerRead, LedgerRow
from finance.models.exports import ExportFile, ExportJob
from finance.models.following import Follower, PostingGap
from finance.models.invoices import Invoice, InvoiceLine, ReceivedLine
from finance.models.periods import Entity, Period, PeriodReopening
from finance.models.plans import AssetPlan, AssetPlanLine
from finance.models.profiles import PostingProfile, ProfileAccount
from finance.models.reading import RunningRead
from finance.models.revaluations import Revaluation, RevaluationLine
from finance.models.rules import PostingRules, ScrapReason, StepStage
from finance.models.write_downs import WriteDown, WriteDownLine, WrittenDownLot

__all__ = [
    "AssetPlan",
    "AssetPlanLine",
    "CostAssumption",
    "CostVersion",
    "Entity",
    "ExportFile",
    "ExportJob",
    "Follower",
    "Invoice",
    "InvoiceLine",
    "LedgerEntry",
    "LedgerHead",
    "LedgerRead",
    "LedgerRow",
    "Period",
    "PeriodClose",
    "PeriodReopening",
    "PostingGap",
    "PostingProfile",
    "PostingRules",
    "ProfileAccount",
    "ReceivedLine",
    "Revaluation",
    "RevaluationLine",
    "RunningRead",
    "ScrapReason",
    "Stage",
    "StandardCost",
    "StepStage",
    "WriteDown",
    "WriteDownLine",
    "WrittenDownLot",
]
