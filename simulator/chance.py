"""Randomness that is the same for the same seed, whatever else was drawn before."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, *words: str) -> np.random.Generator:
    """A generator of its own for one thing, named by words such as a lot and a step."""
    name = crc32("|".join(words).encode())
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, name])))


def logit(ratio: float) -> float:
    """Log odds of a ratio strictly between 0 and 1."""
    return float(np.log(ratio / (1 - ratio)))


def sigmoid(odds: np.ndarray) -> np.ndarray:
    """Ratios from log odds."""
    return np.asarray(1 / (1 + np.exp(-odds)))
