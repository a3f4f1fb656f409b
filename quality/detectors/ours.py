"""The detectors over lots and test data."""

from __future__ import annotations

from quality.detectors.balances import QuantityOutOfBalance
from quality.detectors.bin_tables import BinUnnamed
from quality.detectors.bins import BinAboveLimit
from quality.detectors.burnin import BurnInShort
from quality.detectors.drifts import YieldDrift
from quality.detectors.equipment import EquipmentYield
from quality.detectors.escapes import EscapedUnits
from quality.detectors.fallout import BurnInFallout
from quality.detectors.frame import register_detector, register_lot_detector
from quality.detectors.holds import HoldOverdue
from quality.detectors.identities import (
    IdentitiesInConflict,
    NotReceived,
    WrongDieBuiltIn,
)
from quality.detectors.insertions import WrongInsertion, WrongTemperature
from quality.detectors.missing import MissingTestData
from quality.detectors.outliers import BadNeighbourhood, NeighbourResidual, PartAverage
from quality.detectors.programs import UnreleasedProgram
from quality.detectors.queues import QueueTimePassed, QueueTimeRunning
from quality.detectors.repeaters import ReticleRepeater
from quality.detectors.retests import RetestRate
from quality.detectors.signatures import WaferSignature
from quality.detectors.sites import SiteYield
from quality.detectors.sockets import BurnInSocket
from quality.detectors.stale import StaleWip
from quality.detectors.waivers import WaiverLimits
from quality.detectors.yields import YieldBelowLimit


def register_ours() -> None:
    """Called once, when the app is ready."""
    register_lot_detector(YieldBelowLimit())
    register_lot_detector(YieldDrift())
    register_lot_detector(BinAboveLimit())
    register_lot_detector(BinUnnamed())
    register_lot_detector(RetestRate())
    register_lot_detector(SiteYield())
    register_lot_detector(EquipmentYield())
    register_lot_detector(WaferSignature())
    register_lot_detector(ReticleRepeater())
    register_lot_detector(PartAverage())
    register_lot_detector(BadNeighbourhood())
    register_lot_detector(NeighbourResidual())
    register_lot_detector(QuantityOutOfBalance())
    register_lot_detector(MissingTestData())
    register_lot_detector(EscapedUnits())
    register_lot_detector(WrongInsertion())
    register_lot_detector(WrongTemperature())
    register_lot_detector(NotReceived())
    register_lot_detector(IdentitiesInConflict())
    register_lot_detector(WrongDieBuiltIn())
    register_lot_detector(BurnInShort())
    register_lot_detector(BurnInFallout())
    register_lot_detector(QueueTimePassed())
    register_detector(BurnInSocket())
    register_detector(StaleWip())
    register_detector(QueueTimeRunning())
    register_detector(HoldOverdue())
    register_detector(WaiverLimits())
    register_detector(UnreleasedProgram())
