"""What a feed is made of, and where it is registered."""

from __future__ import annotations

from intake.domain.errors import FileRefusedError, WaitingError
from intake.services.registry import Feed, FeedContext, FeedItem, RejectedItem, register_feed

__all__ = [
    "Feed",
    "FeedContext",
    "FeedItem",
    "FileRefusedError",
    "RejectedItem",
    "WaitingError",
    "register_feed",
]
