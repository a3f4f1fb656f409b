from __future__ import annotations

from itertools import count

import pytest

import finance.services
import lots.services
from finance.tests import line


@pytest.fixture
def first_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens in the test begins on the first day, however many tests went before."""
    monkeypatch.setattr(line, "numbers", count(1))


@pytest.fixture
def books(db: None) -> None:
    """Products, routes, costs and periods, without the other rooms."""
    lots.services.load_reference()
    finance.services.load_reference()
