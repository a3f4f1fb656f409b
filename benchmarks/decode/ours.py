"""Our reader in a process of its own: `python -m benchmarks.decode.ours WHAT FILE ROUNDS`.

Prints the shortest time in seconds, how many records of parts and tests came, and the most memory
the process ever held in MB. WHAT: decode (everything at the end), stream (batch by batch), inflate
(no decoding), plain (no unwrapping), or long (a tenfold file, batch by batch).
"""

from __future__ import annotations

import itertools
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from isal import igzip_lib

from intake.domain.archives import CHUNK_BYTES, INPUT_BYTES, Unpacked
from intake.domain.stdf.decoder import Decoding, decode
from intake.domain.stdf.run import StdfLimits

WANTED = ("PIR", "PRR", "PTR", "MPR", "FTR")
LIMITS = StdfLimits(readings_max=1_000_000_000, parts_max=1_000_000_000)
LONG_TIMES = 10


def whole(path: Path) -> int:
    """All columns at the end."""
    with path.open("rb") as stream:
        run = decode(Unpacked(stream).chunks(), LIMITS)
    return sum(run.record_counts.get(kind, 0) for kind in WANTED)


def streamed(path: Path) -> int:
    """Columns batch by batch."""
    with path.open("rb") as stream:
        return _streamed(Unpacked(stream).chunks())


def long(path: Path) -> int:
    """The file ten times in a row, as one."""
    return _streamed(itertools.chain.from_iterable(_pieces(path) for _ in range(LONG_TIMES)))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from Unpacked(stream).chunks()


def _streamed(chunks: Iterator[bytes]) -> int:
    decoding = Decoding(chunks, LIMITS)
    for _ in decoding.batches():
        pass
    run = decoding.run()
    return sum(run.record_counts.get(kind, 0) for kind in WANTED)


def inflated(path: Path) -> int:
    """ISA-L alone, in pieces of the same size."""
    inner = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    size = 0
    with path.open("rb") as stream:
        while not inner.eof:
            given = stream.read(INPUT_BYTES) if inner.needs_input else b""
            size += len(inner.decompress(given, CHUNK_BYTES))
    return size


WHAT: dict[str, Callable[[Path], int]] = {
    "decode": whole,
    "stream": streamed,
    "long": long,
    "inflate": inflated,
}


def main() -> None:
    """Time it; once before, so that the kernels are there."""
    what, path, rounds = WHAT[sys.argv[1]], Path(sys.argv[2]), int(sys.argv[3])
    if what is not long:
        what(path)
    times, found = [], 0
    for _ in range(rounds):
        begun = time.perf_counter()
        found = what(path)
        times.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{min(times)} {found} {peak}\n")


if __name__ == "__main__":
    main()
