from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from operations.tests.line import Line, build_line
from tests.kept_rows import kept


@pytest.fixture
def line(transactional_db: None, reference: None, files_folder: Path) -> Line:
    """A small whole line for pages to show."""
    return kept("line with its files", build_line, files_folder)


@pytest.fixture
def somebody(line: Line, sign_in: Callable[[User], Page]) -> Page:
    """Signed in, with every right."""
    return sign_in(User.objects.create_superuser("ada"))
