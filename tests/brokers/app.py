"""The service's Celery app with two tasks to watch. Loaded by workers as `-A tests.brokers.app`."""

from __future__ import annotations

import os
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supplychain.settings")
django.setup()

from supplychain.celery import app  # noqa: E402


@app.task(name="tests.note")
def note(path: str, word: str) -> None:
    """Append a word to the file."""
    with Path(path).open("a") as file:
        file.write(f"{word}\n")


@app.task(name="tests.note_twice")
def note_twice(path: str, seconds: float) -> None:
    """A task long enough to be killed in."""
    note(path, "begun")
    time.sleep(seconds)
    note(path, "ended")
