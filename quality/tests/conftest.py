from __future__ import annotations

import pytest

from testing.tests.conftest import line, line_reference
from tests.kept_rows import load_kept

__all__ = ["line", "line_reference", "rules"]


@pytest.fixture
def rules(db: None) -> None:
    """What quality stands on; higher rooms are not needed here."""
    load_kept("lots", "testing", "quality")
