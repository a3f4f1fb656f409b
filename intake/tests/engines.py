"""Both ways to run the kernels: compiled, and as the plain Python they are written in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numba

from intake.domain.stdf.scanner import engine

KERNELS = "intake.domain.stdf.kernels."
NEVER_COMPILED = {KERNELS + "state"}


@contextmanager
def plain_kernels() -> Iterator[None]:
    """As where numba is not installed."""
    compiled = {
        name: sys.modules.pop(name)
        for name in list(sys.modules)
        if name.startswith(KERNELS) and name not in NEVER_COMPILED
    }
    was_disabled, numba.config.DISABLE_JIT = numba.config.DISABLE_JIT, True
    engine.cache_clear()
    try:
        yield
    finally:
        numba.config.DISABLE_JIT = was_disabled
        sys.modules.update(compiled)
        engine.cache_clear()
