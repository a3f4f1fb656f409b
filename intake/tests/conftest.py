from __future__ import annotations

from pathlib import Path

import pytest

from lots.services import load_reference as load_lots_reference
from testing.services import load_reference as load_testing_reference


@pytest.fixture
def material(db: None, files_folder: Path) -> Path:
    """Products, routes and burn-in requirements; storage of the test's own."""
    load_lots_reference()
    load_testing_reference()
    return files_folder


@pytest.fixture
def material_on_disk(transactional_db: None, files_folder: Path) -> Path:
    """The same, committed, so that other connections see it."""
    load_lots_reference()
    load_testing_reference()
    return files_folder
