from __future__ import annotations

import pytest

from lots.models import Event
from lots.services import load_reference
from lots.tests.making import die_lot, material_lot
from lots.tests.reissuing import assembled


@pytest.fixture
def catalogue(db: None) -> None:
    """The products, bills and routes of this app alone."""
    load_reference()


@pytest.fixture
def materials(reference: None) -> None:
    """Dies, and two lots of a hundred stacks without serials."""
    die_lot()
    material_lot("HBM-1"), material_lot("HBM-2")


@pytest.fixture
def assembly(materials: None) -> Event:
    """Two packages with eight stacks of the first lot."""
    return assembled(("HBM-1", 8))
