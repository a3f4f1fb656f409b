from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from finance.domain.queries import asset_state
from finance.domain.words import AssetState
from finance.selectors.asset_lives import asset_life
from finance.selectors.assets import AsOf, Register, asset_register
from finance.selectors.ledger import watermark
from operations.views.books import BooksMoment, BooksPage
from supplychain.base.snapshots import snapshot

ROWS_SHOWN, WORD_MAX = 500, 64
HEAD = (
    "serial", "quantity", "item", "lot", "account", "custodian", "in_service_on", "accepted_seq",
    "site", "rack", "slot", "chips", "kilowatts", "amount", "retired_on", "retired_seq",
    "as_of_seq",
)  # fmt: skip
PAST = ("as_of_seq", "as_of_date", "end_of")


@dataclass(frozen=True, slots=True)
class _Shown:
    lot: str
    state: AssetState | None
    moment: BooksMoment
    is_past: bool
    register: Register


class AssetsOf(BooksPage):
    """The register as the address asks for it."""

    def shown(self) -> _Shown:
        """Of a lot, in a state; now, or as of a ledger line, a day or the end of a period."""
        lot, state = self.given.get("lot", "")[:WORD_MAX], asset_state(self.given)
        is_past = any(name in self.given for name in PAST)
        with snapshot():
            moment = self.moment()
            as_of = AsOf(moment.mark.seq, moment.day) if is_past else None
            register = asset_register(lot=lot, state=state, as_of=as_of)
        return _Shown(lot, state, moment, is_past, register)


class AssetPage(AssetsOf):
    """What is under construction, in service or retired, with what a chip and a megawatt cost."""

    template_name = "operations/assets.html"
    title = "Assets"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = self.shown()
        assets = shown.register.assets
        parts = {
            "shown": shown,
            "moment": shown.moment,
            "states": list(AssetState),
            "assets": assets[:ROWS_SHOWN],
            "hidden": max(0, len(assets) - ROWS_SHOWN),
            "has_retired": shown.state is AssetState.RETIRED,
        }
        return super().get_context_data(**{**parts, **kwargs})


class AssetCsv(AssetsOf):
    """All serials."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        shown = self.shown()
        seq = shown.moment.mark.seq
        rows = (
            [getattr(asset, name) for name in HEAD[:-1]] + [seq] for asset in shown.register.assets
        )
        return self.table_file("assets", HEAD, rows, seq)


class AssetLifePage(BooksPage):
    """What happened to one asset, from its construction on."""

    template_name = "operations/asset_life.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        with snapshot():
            life, mark = asset_life(self.kwargs["serial"]), watermark(None)
        parts = {"life": life, "mark": mark, "title": f"Asset {life.unit.serial}"}
        return super().get_context_data(**{**parts, **kwargs})
