"""Units, what stands in what, which lots came from which, holds and clocks against the ledger.

All is counted and joined inside the database, on disk where it is much.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

from lots.domain.verifying import Fault

_SQL = Path(__file__).resolve().parent.parent / "sql"
_PREPARE = (_SQL / "verify_units_prepare.sql").read_text()
_NAMES = ("lineage", "edges", "wafers", "units", "holds", "clocks")
_CHECKS = [(_SQL / f"verify_{name}.sql").read_text() for name in _NAMES]


def unit_fault() -> Fault | None:
    """The first row that is otherwise than the ledger tells of it; None when all agree.

    Makes temporary tables: not within a transaction that is read-only.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PREPARE)
        for check in _CHECKS:
            cursor.execute(check)
            if row := cursor.fetchone():
                return Fault(*row)
    return None
