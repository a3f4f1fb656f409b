"""What test results tell the app below: the gate that they open, bins, and what was tested."""

from __future__ import annotations

from lots.domain.words import Gate
from lots.selectors.bins import register_bins
from lots.selectors.uses import register_uses
from lots.services.gating import register_gate
from testing.selectors.bins import bins_of
from testing.selectors.coverage import results_missing
from testing.selectors.uses import first_test


def register() -> None:
    """Called once, when the app is ready."""
    register_gate(Gate.RESULTS, results_missing)
    register_bins(bins_of)
    register_uses("testing", first_test)
