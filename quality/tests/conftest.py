from __future__ import annotations

import pytest

from lots.services import load_reference as load_lots_reference
from quality.services import load_reference
from testing.services import load_reference as load_testing_reference
from testing.tests.conftest import line, line_reference

__all__ = ["line", "line_reference", "rules"]


@pytest.fixture
def rules(db: None) -> None:
    """What quality stands on; higher rooms are not needed here."""
    load_lots_reference()
    load_testing_reference()
    load_reference()
