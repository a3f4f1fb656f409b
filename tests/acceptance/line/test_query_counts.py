"""How often each page asks the database, on the small line, against `tests/baselines`.

    REWRITE_BASELINES=1 ./run test tests/acceptance/line/test_query_counts.py

writes the counts as they are.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.acceptance.line.address import Address
from tests.acceptance.line.addresses import addresses
from tests.acceptance.line.baseline import REWRITES, read_baseline, write_baseline
from tests.acceptance.line.conftest import Line

NAME = "query_counts.json"

pytestmark = pytest.mark.django_db


@pytest.fixture
def counts(line: Line, site: Client) -> dict[str, int]:
    """Key of the address → queries of its second answer, when caches are warm."""
    found = {}
    for address in filter(is_counted, addresses()):
        first = site.get(address.path)
        if first.status_code == 405:
            continue
        with CaptureQueriesContext(connection) as queries:
            answer = site.get(address.path)
        assert answer.status_code in {200, 302}, f"{address.path} answers {answer.status_code}"
        found[address.key] = len(queries)
    return found


def is_counted(address: Address) -> bool:
    """The API, our own pages, and the lists of the admin; each once."""
    is_ours = address.is_api or address.key.startswith("operations:")
    return "get" in address.methods and (is_ours or address.key.endswith("_changelist"))


def test_no_page_asks_more_often_than_its_baseline_says(counts: dict[str, int]) -> None:
    if REWRITES:
        write_baseline(NAME, counts)
    baseline = read_baseline(NAME)
    assert counts.keys() == baseline.keys(), "rewrite the baseline, and look at it"
    over = {
        key: f"{count} queries, not {baseline[key]}"
        for key, count in counts.items()
        if count > baseline[key]
    }
    assert over == {}
