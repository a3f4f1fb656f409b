"""Who is told, after commit, that work is owed. The rows owe it; this only spares the wait."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

_listeners: dict[str, Callable[[], None]] = {}


def when_owed(name: str, listener: Callable[[], None]) -> None:
    """Have the listener called whenever work is newly owed. Again by the same name replaces."""
    _listeners[name] = listener


def tell_owed() -> None:
    """Tell everyone once the transaction is committed."""
    for listener in _listeners.values():
        transaction.on_commit(listener)
