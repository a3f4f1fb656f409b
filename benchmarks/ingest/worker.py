"""One worker: `python -m benchmarks.ingest.worker load|decode FILE_ID ...`, in the service's place.

Says `warm`, waits for a line, loads the files or only decodes them; prints the most memory it
held, in MB.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import django
from django.apps import apps

DECODES = 8
"""So that it takes about as long as to load."""


def main() -> None:
    """Do what is named."""
    django.setup()
    import_module("intake.domain.stdf.decoder").prepare()
    import_module("intake.services.loading")
    apps.get_model("intake", "RawFile").objects.exists()
    sys.stdout.write("warm\n")
    sys.stdout.flush()
    sys.stdin.readline()
    work = {"load": load, "decode": decode}[sys.argv[1]]
    for file_id in map(int, sys.argv[2:]):
        work(file_id)
    sys.stdout.write(f"{peak_megabytes()}\n")


def load(file_id: int) -> None:
    """One try that must succeed."""
    assert import_module("intake.services.loading").load_file(file_id=file_id)


def decode(file_id: int) -> None:
    """The same bytes to columns, DECODES times, and nothing else: no database, no Parquet."""
    decoding = import_module("intake.domain.stdf.decoder").Decoding
    unpacked = import_module("intake.domain.archives").Unpacked
    file = apps.get_model("intake", "RawFile").objects.get(pk=file_id)
    for _ in range(DECODES):
        with import_module("supplychain.base.storing").stored(file.storage_path) as stream:
            for _ in decoding(unpacked(stream).chunks()).batches():
                pass


def peak_megabytes() -> float:
    """Most memory since the program began; getrusage would count what its parent held."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the kernel does not tell")


if __name__ == "__main__":
    main()
