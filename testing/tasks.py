from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from testing.services import delete_orphan_reading_files

ORPHAN_AGE = timedelta(days=1)


@shared_task(name="testing.sweep_reading_files")
def sweep_reading_files() -> int:
    return delete_orphan_reading_files(stored_before=timezone.now() - ORPHAN_AGE)
