"""The sidebar marks the line that a page belongs to."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory

from supplychain.look import sidebar


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("/finance/assets/SRV4-0000", "Assets"),
        ("/finance/asset-plan", "Assets"),
        ("/finance/asset-plans/import", "Assets"),
        ("/finance/invoices/new", "Invoices"),
        ("/finance/received-not-invoiced", "Invoices"),
        ("/finance/revaluations/1", "Revaluations"),
        ("/finance/costs/import", "Standard costs"),
    ],
)
def test_one_line_is_marked(address: str, line: str, rf: RequestFactory) -> None:
    request = rf.get(address)
    request.user = User(is_superuser=True, is_active=True)
    items = [item for group in sidebar(request) for item in group["items"]]
    assert [item["title"] for item in items if item["active"]] == [line]
