"""How long something has lasted, as people say it."""

from __future__ import annotations

from datetime import datetime


def age(since: datetime, now: datetime) -> str:
    """`45 min`, `3 h 20 min`, `12 d 4 h`, `120 d`; `0 min` for the future."""
    minutes = max(int((now - since).total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours and days < 30 else f"{days} d"
