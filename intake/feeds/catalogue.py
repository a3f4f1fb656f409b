"""The feeds that this room reads."""

from __future__ import annotations

from intake.feeds.asn import AsnFeed
from intake.feeds.assembly import AssemblyFeed
from intake.feeds.burn_in import BurnInFeed
from intake.feeds.wip import WipFeed
from intake.services.registry import register_feed


def register() -> None:
    for feed in (WipFeed(), AsnFeed(), AssemblyFeed(), BurnInFeed()):
        register_feed(feed)
