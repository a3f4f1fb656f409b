"""The feeds that this room reads."""

from __future__ import annotations

from intake.feeds.asn import AsnFeed
from intake.feeds.assembly import AssemblyFeed
from intake.feeds.board_layout import BoardLayoutFeed
from intake.feeds.burn_in import BurnInFeed
from intake.feeds.maps import MapFeed
from intake.feeds.oven_log import OvenLogFeed
from intake.feeds.wip import WipFeed
from intake.feeds.x12 import X12Feed
from intake.services.registry import register_feed


def register() -> None:
    for feed in (
        WipFeed(),
        AsnFeed(),
        AssemblyFeed(),
        BurnInFeed(),
        OvenLogFeed(),
        BoardLayoutFeed(),
        X12Feed(),
        MapFeed(),
    ):
        register_feed(feed)
