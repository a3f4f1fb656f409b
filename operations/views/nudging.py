"""A word to a worker that there is something to do."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def nudge(task: str = "operations.work_bulk_jobs") -> None:
    """Ask for a worker; without a broker the sweep finds the job later."""
    try:
        current_app.send_task(task)
    except (OperationalError, OSError):
        log.warning("the broker does not answer; jobs wait for the sweep")
