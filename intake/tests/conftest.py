from __future__ import annotations

from pathlib import Path

import pytest

from tests.kept_rows import load_kept


@pytest.fixture
def material(db: None, files_folder: Path) -> Path:
    """Products, routes and burn-in requirements; storage of the test's own."""
    load_kept("lots", "testing")
    return files_folder


@pytest.fixture
def material_on_disk(transactional_db: None, files_folder: Path) -> Path:
    """The same, committed, so that other connections see it."""
    load_kept("lots", "testing")
    return files_folder
