"""One worker: `python -m benchmarks.ingest.worker FILE_ID ...`, in the service's environment.

Says `warm`, waits for a line, loads the files; prints the most memory it held, in MB.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.apps import apps


def main() -> None:
    """Load what is named."""
    django.setup()
    loading = __import__("intake.services.loading", fromlist=["load_file"])
    decoder = __import__("intake.domain.stdf.decoder", fromlist=["prepare"])
    decoder.prepare()
    apps.get_model("intake", "RawFile").objects.exists()
    sys.stdout.write("warm\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for file_id in map(int, sys.argv[1:]):
        assert loading.load_file(file_id=file_id)
    sys.stdout.write(f"{peak_megabytes()}\n")


def peak_megabytes() -> float:
    """Most memory since the program began; getrusage would count what its parent held."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the kernel does not tell")


if __name__ == "__main__":
    main()
