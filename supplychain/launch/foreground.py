"""Run one program in the operator's own terminal, and outlive it to clean up."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path


def run_foreground(command: list[str], environment: dict[str, str], folder: Path) -> int:
    """Its exit status, as a shell would give it.

    The terminal sends Ctrl-C to the program as well as to us: it decides, we wait.
    """
    process = subprocess.Popen(command, env=environment, cwd=folder)
    handlers = {
        signal.SIGINT: lambda *_: None,
        signal.SIGTERM: lambda *_: process.terminate(),
        signal.SIGHUP: lambda *_: process.terminate(),
    }
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        status = process.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status
