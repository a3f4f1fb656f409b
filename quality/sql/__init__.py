"""Statements too long to stand in Python, one a file."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def statement(name: str) -> str:
    """The text of the file of this name."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
