"""What finance looks for, made known to quality."""

from __future__ import annotations

from finance.detectors.owed import EventsUnposted
from finance.detectors.variances import CostVariance
from finance.selectors.at_risk import carried_amounts
from quality.detectors.frame import register_detector
from quality.services.stakes import register_valuer


def register_ours() -> None:
    """Make the detectors known to quality, and what lots are carried at."""
    register_detector(CostVariance())
    register_detector(EventsUnposted())
    register_valuer(carried_amounts)
