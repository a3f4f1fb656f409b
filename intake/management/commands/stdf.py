"""Look at test files and turn them into other forms, without loading them."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from intake.domain.archives import Unpacked
from intake.domain.errors import FileRefusedError
from intake.domain.stdf.decoder import Decoding, prepare
from intake.domain.stdf.run import DecodedRun
from intake.services.converting import ConversionError, Form, convert

HELP = """Look at test files (STDF or ATDF, packed or not) without loading them.
inspect: what is in them. validate: what breaks the specification, with places, and where the
own counts (PCR, HBR, SBR, WRR, TSR) differ from the results; fails if anything.
convert: into Parquet tables of results, Parquet files by record type, ATDF or STDF.
prepare: compile the reader ahead of the first file."""


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["inspect", "validate", "convert", "prepare"])
        parser.add_argument("files", nargs="*", type=Path)
        parser.add_argument("--to", choices=[str(form) for form in Form], default="parquet")
        parser.add_argument("--into", type=Path, default=Path(), help="folder for what is made")
        parser.add_argument("--force", action="store_true", help="replace what is there")
        parser.add_argument("--json", action="store_true", help="a line of JSON for each file")

    def handle(self, *_: Any, what: str, files: list[Path], **asked: Any) -> None:
        if what == "prepare":
            prepare()
            self.stdout.write("The reader is ready.")
            return
        if not files:
            raise CommandError(f"Name the files: manage.py stdf {what} FILE…")
        if what == "convert":
            bad = [path for path in files if not self._is_converted(path, asked)]
            if bad:
                raise CommandError(f"{len(bad)} of {len(files)} files were not converted.")
            return
        dirty = [path for path in files if not self._is_clean(path, what, asked["json"])]
        if dirty and what == "validate":
            raise CommandError(f"{len(dirty)} of {len(files)} files are not clean.")

    def _is_clean(self, path: Path, what: str, is_json: bool) -> bool:
        """Whether it is whole and as specified, its counts agree and nothing is left out; tells."""
        try:
            with path.open("rb") as stream:
                unpacked = Unpacked(stream)
                decoding = Decoding(unpacked.chunks())
                for _ in decoding.batches():
                    self._progress(path, stream.tell() / max(1, path.stat().st_size))
                run = decoding.run()
        except (OSError, FileRefusedError) as error:
            self._refused(path, error, is_json)
            return False
        is_whole = not (run.is_partial or unpacked.is_cut or run.rejected_count)
        is_clean = is_whole and not (run.disagreements or run.breaches or unpacked.notes)
        notes = [*unpacked.notes, *run.notes]
        if is_json:
            self._say({"file": str(path), "is_clean": is_clean, **found(decoding, run, notes)})
            return is_clean
        self.stdout.write(f"{path}: {'clean' if is_clean else 'not clean'}")
        if what == "inspect":
            self._tell(decoding, run)
        for note in notes:
            self.stdout.write(f"  {note}")
        for one in run.rejected:
            self.stdout.write(f"  byte {one.position:,}: {one.count} {one.kind}: {one.reason}")
        if unnamed := run.rejected_count - sum(one.count for one in run.rejected):
            self.stdout.write(f"  and {unnamed:,} more records were left out")
        return is_clean

    def _tell(self, decoding: Decoding, run: DecodedRun) -> None:
        header, tally = run.header, decoding.tally
        form = "ATDF" if run.byte_order == "text" else f"{run.byte_order}-endian STDF"
        self.stdout.write(
            f"  lot {header.lot_id}, program {header.job_name} {header.job_revision}, "
            f"tester {header.node_name}, {form}"
        )
        self.stdout.write(
            f"  {tally.parts:,} results, {len(run.parameters):,} tests, "
            f"{tally.readings:,} readings, {len(run.wafers)} wafers"
        )
        counts = ", ".join(f"{kind} {count:,}" for kind, count in run.record_counts.items())
        self.stdout.write(f"  {counts}")

    def _is_converted(self, path: Path, asked: dict[str, Any]) -> bool:
        try:
            made = convert(
                path,
                form=Form(asked["to"]),
                folder=asked["into"],
                is_forced=asked["force"],
                told=lambda part: self._progress(path, part),
            )
        except (OSError, FileRefusedError, ConversionError) as error:
            self._refused(path, error, asked["json"])
            return False
        rows, left_out = dict(made.rows), dict(made.left_out)
        if asked["json"]:
            told = {"rows": rows, "left_out": left_out, "notes": made.notes}
            self._say({"file": str(path), "made": str(made.path), **told})
            return True
        self.stdout.write(f"{path}: {made.path}")
        self.stdout.write("  " + ", ".join(f"{name} {count:,}" for name, count in rows.items()))
        for kind, count in left_out.items():
            self.stdout.write(f"  {count:,} {kind} left out")
        for note in made.notes:
            self.stdout.write(f"  {note}")
        return True

    def _refused(self, path: Path, error: Exception, is_json: bool) -> None:
        if is_json:
            self._say({"file": str(path), "error": str(error)})
        else:
            self.stdout.write(f"{path}: {error}")

    def _say(self, answer: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(answer, ensure_ascii=False))

    def _progress(self, path: Path, part: float) -> None:
        """On a terminal only, and never among what is printed for programs."""
        if sys.stderr.isatty():  # pragma: no cover - tests have no terminal
            self.stderr.write(f"\r{path.name}: {part:4.0%} ", ending="" if part < 1 else "\n")


def found(decoding: Decoding, run: DecodedRun, notes: list[str]) -> dict[str, Any]:
    """What inspecting and validating tell a program."""
    header = run.header
    return {
        "lot": header.lot_id,
        "program": header.job_name,
        "revision": header.job_revision,
        "tester": header.node_name,
        "form": "atdf" if run.byte_order == "text" else "stdf",
        "byte_order": run.byte_order,
        "is_partial": run.is_partial,
        "results": decoding.tally.parts,
        "tests": len(run.parameters),
        "readings": decoding.tally.readings,
        "wafers": [wafer.code for wafer in run.wafers],
        "records": dict(run.record_counts),
        "rejected_counts": dict(run.rejected_counts),
        "rejected": [
            {"position": one.position, "kind": one.kind, "reason": one.reason, "count": one.count}
            for one in run.rejected
        ],
        "disagreements": list(run.disagreements),
        "breaches": list(run.breaches),
        "notes": notes,
    }
