from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from finance.selectors.assets import asset_register
from finance.selectors.ledger import watermark
from operations.views.books import BooksPage
from supplychain.base.snapshots import snapshot

ROWS_SHOWN, WORD_MAX = 500, 64
HEAD = (
    "serial", "quantity", "item", "lot", "account", "custodian", "in_service_on", "accepted_seq",
    "site", "rack", "slot", "chips", "kilowatts", "amount", "as_of_seq",
)  # fmt: skip


class AssetPage(BooksPage):
    """What is under construction or in service, with what a chip and a megawatt cost."""

    template_name = "operations/assets.html"
    title = "Assets"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lot = self.given.get("lot", "")[:WORD_MAX]
        with snapshot():
            found, mark = asset_register(lot=lot), watermark(None)
        parts = {
            "lot": lot,
            "register": found,
            "assets": found.assets[:ROWS_SHOWN],
            "hidden": max(0, len(found.assets) - ROWS_SHOWN),
            "mark": mark,
        }
        return super().get_context_data(**{**parts, **kwargs})


class AssetCsv(BooksPage):
    """All serials."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with snapshot():
            found, mark = asset_register(lot=self.given.get("lot", "")[:WORD_MAX]), watermark(None)
        rows = ([getattr(asset, name) for name in HEAD[:-1]] + [mark.seq] for asset in found.assets)
        return self.table_file("assets", HEAD, rows, mark.seq)
