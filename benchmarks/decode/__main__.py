"""STDF to columns: ours beside every reader of the package index, in the same run.

`.venv/bin/python -m benchmarks.decode [--megabytes 100] [--rounds 5]`, with nothing else busy.
The other readers are installed into a virtual environment that is thrown away; the slow ones read
a shorter file of the same records. Marks: 4 times stdf-convert, 150 times pystdf; gzip 0.6 of the
slower of bare ISA-L and our plain reading; 200 MB.
"""

from __future__ import annotations

import argparse
import gzip
import struct
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = ("lot3.stdf", "four_site_93k.stdf")
PEERS = {
    "stdf-convert": 1.0,
    "stupidf": 0.2,
    "stdfast": 0.1,
    "pystdf": 0.04,
    "ezstdf": 0.02,
    "stdf-utils": 0.04,
    "stdf-tamer": 0.02,
    "Semi-ATE-STDF": 0.01,
}
"""Reader, and which part of the megabytes it reads.

Of the index's others, parser-stdf and semi-ate-metis read by Semi-ATE-STDF, stdf-reader by a copy
of pystdf; pystdf4 only writes, and readstdf cannot be had.
"""
PIR, PRR = 0x050A, 0x0514


def main() -> None:
    """Print MB/s of each reader and how many times slower than ours it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", type=Path, default=ROOT.parent / "shared" / "stdf")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supplychain-benchmark-") as name:
        folder = Path(name)
        readers = installed(folder / "venv")
        for file in FILES:
            compare(folder, (asked.files / file).read_bytes(), asked, readers)


def compare(
    folder: Path, content: bytes, asked: argparse.Namespace, readers: dict[str, str]
) -> None:
    """One file, all readers."""
    path = folder / "long.stdf"
    size = lengthened(path, content, asked.megabytes)
    say(f"{size:.0f} MB, {asked.rounds} rounds, the shortest counts")
    seconds, records, _ = ours("decode", path, asked.rounds)
    plain = size / seconds
    say(f"{'ours, all at the end':28}{plain:9.1f} MB/s  {records:,.0f} records")
    streaming = ours("stream", path, asked.rounds)
    say(f"{'ours, batch by batch':28}{size / streaming[0]:9.1f} MB/s  {streaming[2]:.0f} MB memory")
    long = ours("long", path, 1)
    say(f"{'ours, ten times as long':28}{size * 10 / long[0]:9.1f} MB/s  {long[2]:.0f} MB memory")
    compare_gzip(path, size, asked.rounds)
    for reader, python in readers.items():
        short = folder / "short.stdf"
        short_size = lengthened(short, content, asked.megabytes * PEERS[reader])
        rounds = asked.rounds if PEERS[reader] == 1 else 1
        taken = peer(python, reader, short, rounds)
        wanted = ours("decode", short, 1)[1]
        if taken is None or taken[1] < wanted / 10:
            read = f", {taken[1]:,.0f} of {wanted:,.0f} records read" if taken else ""
            say(f"{reader:28} fails on this file{read}")
            continue
        speed = short_size / taken[0]
        say(
            f"{reader:28}{speed:9.1f} MB/s  ours is {plain / speed:.1f} times as fast "
            f"({taken[1]:,.0f} of {wanted:,.0f} records, {short_size:.1f} MB)"
        )


def compare_gzip(path: Path, size: float, rounds: int) -> None:
    """Our reading of the file as gzip, beside bare inflation and our plain reading."""
    packed = path.with_suffix(".gz")
    packed.write_bytes(gzip.compress(path.read_bytes(), 6))
    bare = size / ours("inflate", packed, rounds)[0]
    plain = size / ours("stream", path, rounds)[0]
    seconds, _, memory = ours("stream", packed, rounds)
    both = size / seconds
    say(f"{'bare ISA-L':28}{bare:9.1f} MB/s")
    of_slower = f"{both / min(bare, plain):.2f} of the slower of both"
    say(f"{'ours, gzip':28}{both:9.1f} MB/s  {of_slower}  {memory:.0f} MB memory")


def lengthened(path: Path, content: bytes, megabytes: float) -> float:
    """Write the file with its parts repeated, its front and end once; its size in MB."""
    mark = "<" if content[:2] == b"\x02\x00" else ">"
    first = last = 0
    at = 0
    while at < len(content):
        length, major, minor = struct.unpack_from(f"{mark}HBB", content, at)
        kind = major << 8 | minor
        if kind == PIR and not first:
            first = at
        at += 4 + length
        if kind == PRR:
            last = at
    body = content[first:last]
    times = max(1, round(megabytes * 1e6 / len(body)))
    with path.open("wb") as stream:
        stream.write(content[:first])
        for _ in range(times):
            stream.write(body)
        stream.write(content[last:])
    return path.stat().st_size / 1e6


def installed(folder: Path) -> dict[str, str]:
    """Python of an environment with the reader, for each that can be had."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    found = {}
    for reader in PEERS:
        command = [python, "-m", "pip", "install", "-q", reader]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            say(f"{reader} cannot be installed here: {done.stderr.strip()[-200:]}")
        else:
            found[reader] = python
    return found


def ours(what: str, path: Path, rounds: int) -> tuple[float, ...]:
    """Seconds, records, MB of memory."""
    command = [sys.executable, "-m", "benchmarks.decode.ours", what, str(path), str(rounds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    return tuple(float(word) for word in done.stdout.split())


def peer(python: str, reader: str, path: Path, rounds: int) -> tuple[float, ...] | None:
    """Seconds and records; None when it fails."""
    script = str(Path(__file__).with_name("peers.py"))
    command = [python, script, reader, str(path), str(rounds)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        return None
    return tuple(float(word) for word in done.stdout.splitlines()[-1].split())


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
