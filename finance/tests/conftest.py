from __future__ import annotations

import pytest

import finance.services
import lots.services


@pytest.fixture
def books(db: None) -> None:
    """Products, routes, costs and periods, without the other rooms."""
    lots.services.load_reference()
    finance.services.load_reference()
