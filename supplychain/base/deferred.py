"""Large libraries that load when they are first used.

SciPy takes 77 MB and most of a second, DuckDB 15 MB, Arrow's functions 9 MB; most processes, such
as one that serves the ledger or runs a command, use none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow.compute as pc  # type: ignore[import-untyped]
    from scipy import optimize, special, stats

__all__ = ["duckdb", "optimize", "pc", "special", "stats"]


class _Deferred:
    """Stands for a module until somebody wants something of it. Threads share one import."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found


if not TYPE_CHECKING:
    duckdb, pc = _Deferred("duckdb"), _Deferred("pyarrow.compute")
    optimize, special, stats = (
        _Deferred(f"scipy.{name}") for name in ("optimize", "special", "stats")
    )
