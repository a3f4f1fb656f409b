"""The detectors of this room, registered with quality's frame."""

from __future__ import annotations

from quality.detectors.frame import register_detector
from racks.detectors.failures import FieldFailuresCluster, RedeployedUntested
from racks.detectors.held import CommissioningFailed, DeployedFromHeldLot
from racks.detectors.standing import RackMixed, SlotLeftEmpty

__all__ = [
    "CommissioningFailed",
    "DeployedFromHeldLot",
    "FieldFailuresCluster",
    "RackMixed",
    "RedeployedUntested",
    "SlotLeftEmpty",
    "register_ours",
]


def register_ours() -> None:
    """Make all of them known to quality."""
    for detector in (
        DeployedFromHeldLot(),
        CommissioningFailed(),
        FieldFailuresCluster(),
        RedeployedUntested(),
        RackMixed(),
        SlotLeftEmpty(),
    ):
        register_detector(detector)
