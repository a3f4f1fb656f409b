"""The kernels as one thing to load: with numba it costs a quarter of a second and 100 MB."""

from __future__ import annotations

import numpy as np

from intake.domain.stdf.kernels.entries import link_entry
from intake.domain.stdf.kernels.jit import IS_COMPILED, column
from intake.domain.stdf.kernels.scan import scan
from intake.domain.stdf.kernels.settle import Settled, carry_over, settle, sort_by_part
from intake.domain.stdf.kernels.state import Column

__all__ = [
    "IS_COMPILED", "Settled", "bytes_of", "carry_over", "column", "link_entry", "scan", "settle",
    "sort_by_part",
]  # fmt: skip


def bytes_of(buffer: bytes) -> Column:
    """The bytes as kernels take them."""
    return np.frombuffer(buffer, np.uint8) if IS_COMPILED else buffer
