"""One worker: `python -m benchmarks.ingest.worker FILE_ID ...`, in the service's environment.

Says `warm`, waits for a line, loads the files; prints the most memory it held, in MB.
"""

from __future__ import annotations

import resource
import sys

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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{peak}\n")


if __name__ == "__main__":
    main()
