"""Look at test files without loading them."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from intake.domain.archives import Unpacked
from intake.domain.errors import FileRefusedError
from intake.domain.stdf.decoder import decode, prepare
from intake.domain.stdf.run import DecodedRun


class Command(BaseCommand):
    help = "Look at test files: inspect or validate them; prepare compiles the reader ahead."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["inspect", "validate", "prepare"])
        parser.add_argument("files", nargs="*", type=Path)

    def handle(self, *_: Any, what: str, files: list[Path], **__: Any) -> None:
        if what == "prepare":
            prepare()
            self.stdout.write("The reader is ready.")
            return
        dirty = [path for path in files if not self._is_clean(path, is_short=what == "validate")]
        if dirty and what == "validate":
            raise CommandError(f"{len(dirty)} of {len(files)} files are not clean.")

    def _is_clean(self, path: Path, is_short: bool) -> bool:
        """Whether the file is whole and without rejected records; tells what was found."""
        try:
            with path.open("rb") as stream:
                unpacked = Unpacked(stream)
                run = decode(unpacked.chunks())
        except (OSError, FileRefusedError) as error:
            self.stdout.write(f"{path}: {error}")
            return False
        is_clean = not (run.is_partial or unpacked.is_cut or run.rejected_count)
        self.stdout.write(f"{path}: {'clean' if is_clean else 'not clean'}")
        if not is_short:
            self._tell(run)
        for note in (*unpacked.notes, *run.notes):
            self.stdout.write(f"  {note}")
        for one in run.rejected:
            self.stdout.write(f"  byte {one.position:,}: {one.count} {one.kind}: {one.reason}")
        return is_clean

    def _tell(self, run: DecodedRun) -> None:
        header = run.header
        self.stdout.write(
            f"  lot {header.lot_id}, program {header.job_name} {header.job_revision}, "
            f"tester {header.node_name}, {run.byte_order}-endian"
        )
        self.stdout.write(
            f"  {len(run.parts):,} results, {len(run.parameters):,} tests, "
            f"{len(run.readings):,} readings, {len(run.wafers)} wafers"
        )
        counts = ", ".join(f"{kind} {count:,}" for kind, count in run.record_counts.items())
        self.stdout.write(f"  {counts}")
