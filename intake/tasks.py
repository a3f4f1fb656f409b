from __future__ import annotations

import logging
import time
from pathlib import Path

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from intake.services import drain
from intake.services.inbox import scan_inbox
from intake.services.seen import only_scan, read_seen, write_seen
from quality.tasks import summarise

log = logging.getLogger(__name__)


@shared_task(name="intake.load_files")
def load_files() -> None:
    """Read files, apply their rows, try again what waits; in slices, so that others get a turn."""
    worked: list[str] = []
    is_more = drain(report=worked.append)
    if worked:
        summarise.delay()
    if is_more:
        load_files.delay()


@shared_task(name="intake.scan_inbox")
def scan_drop_folder() -> int:
    """Take whole files from the drop folder; how many."""
    folder = Path(settings.INBOX)
    if not folder.is_dir():
        return 0
    with only_scan(folder) as is_ours:
        if not is_ours:
            return 0
        scan = scan_inbox(folder=folder, seen=read_seen(folder), now=time.time())
        write_seen(folder, scan.left)
    return len(scan.taken)


def nudge() -> None:
    """Ask for the loading of what was received; without a broker the sweep does it later."""
    try:
        load_files.delay()
    except (OperationalError, OSError):
        log.warning("the broker does not answer; files wait for the sweep")
