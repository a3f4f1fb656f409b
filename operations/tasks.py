"""Background work of this room. Each task drains what its query finds and can run twice."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from operations.selectors.recall_cases import open_cases
from operations.services.bulk_work import work_owed
from operations.services.recalls import refresh_case
from supplychain.base.errors import SupplychainError

log = logging.getLogger(__name__)
ROUNDS_MAX = 40


@shared_task(name="operations.work_bulk_jobs")
def work_bulk_jobs() -> None:
    """Try and carry out what bulk jobs owe; in slices, so that others get a turn."""
    if work_owed(now=timezone.now(), rounds_max=ROUNDS_MAX):
        work_bulk_jobs.delay()


@shared_task(name="operations.refresh_recalls")
def refresh_recalls() -> None:
    """Draw up every open recall again; one that cannot be is left to its owner."""
    for case in open_cases():
        try:
            refresh_case(case=case)
        except SupplychainError as error:
            log.warning("recall %s was not drawn up again: %s", case.number, error.detail)
