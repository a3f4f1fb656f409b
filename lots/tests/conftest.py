from __future__ import annotations

import pytest

from lots.services import load_reference


@pytest.fixture
def catalogue(db: None) -> None:
    """The products, bills and routes of this app alone."""
    load_reference()
