from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from intake.domain.words import Door
from intake.models import RawFile
from intake.selectors import FileReport, archive_members, file_report
from intake.services import Receipt, drain, is_owed, receive_file
from supplychain.base.errors import SupplychainError

DUPLICATE = "duplicate"
PAUSE_SECONDS = 0.2
WAIT_SECONDS_MAX = 3_600


class Command(BaseCommand):
    help = "Hand files in, as the drop folder and the upload page do. Folders are searched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument(
            "--create-lots",
            action="store_true",
            help="Make engineering lots for test files of unknown lots.",
        )
        parser.add_argument(
            "--wait", action="store_true", help="Load here what no worker has, and wait."
        )
        parser.add_argument("--json", action="store_true", help="One JSON object a line and file.")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = list(_files(options["paths"]))
        received = [(path, self.receive(path, options["create_lots"])) for path in paths]
        if options["wait"]:
            _settle([one.file.pk for _, one in received if isinstance(one, Receipt)])
        for path, one in received:
            for report in _reports(path, one):
                self.stdout.write(_json(report) if options["json"] else _text(report))
        if any(not isinstance(one, Receipt) for _, one in received):
            raise CommandError("Some files were refused at the door; see above.")

    def receive(self, path: Path, creates_lots: bool) -> Receipt | str:
        """The receipt, or why the file did not come through the door."""
        try:
            with path.open("rb") as stream:
                return receive_file(
                    stream=stream, name=path.name, door=Door.COMMAND, creates_lots=creates_lots
                )
        except SupplychainError as error:
            return error.detail
        except OSError as error:
            return f"{path} cannot be read ({error.strerror})."


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.is_file())
        elif path.exists():
            yield path
        else:
            raise CommandError(f"There is no file {path}. Nothing was handed in.")


def _settle(file_ids: list[int]) -> None:
    """Work until nothing of these files goes on by itself; others' claims are waited for."""
    end = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < end:
        drain()
        if not is_owed(file_ids):
            return
        time.sleep(PAUSE_SECONDS)
    raise CommandError("Some files are still being loaded after an hour; see their pages.")


def _reports(path: Path, one: Receipt | str) -> Iterator[dict[str, Any]]:
    """Of the file, then of each in it where it is an archive of several."""
    if isinstance(one, str):
        yield _refused(path.name, one)
        return
    yield _report(path, one)
    for member in archive_members(one.file):
        name = f"{path.name}/{member.name}"
        if member.file is None:
            yield _refused(name, member.reason)
        else:
            yield {**asdict(file_report(member.file)), "file": name}


def _refused(name: str, reason: str) -> dict[str, Any]:
    refused = FileReport(name, "", "rejected", None, None, None, None, None, None)
    return {**asdict(refused), "message": reason}


def _report(path: Path, one: Receipt) -> dict[str, Any]:
    file = RawFile.objects.select_related("run", "lot").get(pk=one.file.pk)
    report = {**asdict(file_report(file)), "file": path.name}
    if one.is_duplicate and not one.is_tried_again:
        report["state"] = DUPLICATE
        report["message"] = f"The same bytes came before. {file.message}".strip()
    return report


def _json(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False)


def _text(report: dict[str, Any]) -> str:
    return f"{report['file']}: {report['state']}. {report['message']}".strip()
