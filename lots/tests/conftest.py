from __future__ import annotations

from collections.abc import Iterator

import pytest

from lots.models import Event
from lots.tests.clocks_run import clocks_kept, clocks_run_anew
from lots.tests.making import die_lot, material_lot
from lots.tests.reissuing import assembled
from tests.kept_rows import load_kept


@pytest.fixture
def catalogue(db: None) -> None:
    """The products, bills and routes of this app alone."""
    load_kept("lots")


@pytest.fixture
def clocks_run_alike(catalogue: None) -> Iterator[None]:
    """In the end the clocks between steps are those that a run from the beginning gives."""
    yield
    assert clocks_kept() == clocks_run_anew()


@pytest.fixture
def materials(reference: None) -> None:
    """Dies, and two lots of a hundred stacks without serials."""
    die_lot()
    material_lot("HBM-1"), material_lot("HBM-2")


@pytest.fixture
def assembly(materials: None) -> Event:
    """Two packages with eight stacks of the first lot."""
    return assembled(("HBM-1", 8))
