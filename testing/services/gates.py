"""The gate that test results open."""

from __future__ import annotations

from lots.domain.words import Gate
from lots.services.gating import register_gate
from testing.selectors.coverage import results_missing


def register() -> None:
    """Called once, when the app is ready."""
    register_gate(Gate.RESULTS, results_missing)
