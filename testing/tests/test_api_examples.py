"""What the guide to the API shows of test data is asked for as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

GUIDE = Path(settings.BASE_DIR) / "docs" / "api.md"
SECTION = GUIDE.read_text().partition("## Test data")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r'"http://127\.0\.0\.1:8000(/api/v1/[^"]+)"', SECTION)


@pytest.fixture
def reader(line: Line, client: Client) -> Client:
    record_run(line.tested(Part(part_id="C1"), sha256="a" * 64).record())
    record_run(line.sorted(Part(place=(0, 1, 1)), sha256="b" * 64).record())
    client.force_login(User.objects.create_superuser("reader"))
    return client


def test_the_guide_has_examples() -> None:
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("address", EXAMPLES)
def test_an_example_of_the_guide_answers_with_rows(address: str, reader: Client) -> None:
    answer = reader.get(address)
    assert answer.status_code == 200
    if "format=" in address:
        assert len(b"".join(answer.streaming_content)) > 100  # type: ignore[attr-defined]
    else:
        body = answer.json()
        assert body.get("results") or body["dies"]
