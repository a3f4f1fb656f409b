"""Decoded runs, and what tests ask of them."""

from __future__ import annotations

from typing import Any

from intake.domain.stdf.decoder import decode
from intake.domain.stdf.run import DecodedRun, StdfLimits
from intake.tests.stdf_builder import Writer
from testing.domain.records import OUTCOMES
from testing.domain.words import Outcome


def run_of(*records: bytes, limits: StdfLimits | None = None, **words: Any) -> DecodedRun:
    """The records between FAR, MIR and MRR, decoded."""
    return decode([Writer().file(*records, **words)], limits)


def outcomes(run: DecodedRun) -> list[Outcome]:
    return [OUTCOMES[code] for code in run.readings.outcome.tolist()]


def part_outcomes(run: DecodedRun) -> list[Outcome]:
    return [OUTCOMES[code] for code in run.parts.outcome.tolist()]
