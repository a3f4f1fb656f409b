"""Celery's beat, ended without work inside a signal."""

from __future__ import annotations

import signal

from celery import beat, platforms
from celery.apps.beat import Beat as CeleryBeat


class Beat(CeleryBeat):
    """Told to end, it leaves what it is at as by Ctrl-C, and then saves the schedule.

    Celery saves it inside the signal. Where that comes in the middle of a query, the saving waits
    for the connection that it has itself interrupted, for ever.
    """

    def install_sync_handler(self, service: beat.Service) -> None:
        end = signal.default_int_handler
        platforms.signals.update(SIGTERM=end, SIGINT=end)

    # The stubs promise a service; there is none.
    def start_scheduler(self) -> None:  # type: ignore[override]
        try:
            super().start_scheduler()
        except KeyboardInterrupt:  # before the first tick: there is nothing to save
            raise SystemExit from None
