"""Builds that named no lots of a material, and so may hold some of a suspect one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection

_SQL = Path(__file__).resolve().parent.parent / "sql" / "builds_unnamed.sql"
_STATEMENT = _SQL.read_text()


@dataclass(frozen=True, slots=True)
class UnnamedBuilds:
    """Units built since the first suspect lot of the product was there, its lots not named."""

    product: str
    since: datetime
    assembly_count: int
    unit_count: int


def unnamed_builds(lot_ids: Sequence[int]) -> list[UnnamedBuilds]:
    """By product of these lots, most units first; a warning, not suspects. One query, or none.

    An assembly inside the bill of another is counted by itself. A split or merged lot counts from
    its own beginning.
    """
    if not lot_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"lot_ids": list(lot_ids)})
        return [UnnamedBuilds(*row) for row in cursor.fetchall()]
