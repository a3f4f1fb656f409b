"""Bring the database and the data folder to the state this code expects. Safe to run again."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command, get_commands
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from supplychain.first_sign_in import ensure_sign_in
from supplychain.static_files import collect_changed

POSTGRES_OLDEST = 150_000
LOCK = 7_261_934  # one preparing process at a time, over all hosts of this database


class Command(BaseCommand):
    help = "Migrate, collect static files, load reference rows, make the first sign-in."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-reference", action="store_true", help="Leave reference rows.")

    def handle(self, *args: Any, **options: Any) -> None:
        self._check_server()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                self._prepare(reference=not options["no_reference"])
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def _check_server(self) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(
                f"The database in DATABASE_URL does not answer: {reason}. "
                "Check the address, the password, and that the server runs."
            ) from error
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            version = int(cursor.fetchone()[0])
        if version < POSTGRES_OLDEST:
            raise CommandError("The database in DATABASE_URL is older than PostgreSQL 15.")

    def _prepare(self, *, reference: bool) -> None:
        if owed := owed_migrations():
            self.stdout.write(f"Migrating the database: {owed} steps …")
            call_command("migrate", interactive=False, verbosity=0)
        if collect_changed():
            self.stdout.write("Static files collected.")
        if reference and "load_reference" in get_commands():
            call_command("load_reference")
        ensure_sign_in(Path(settings.VAR) / "secrets" / "sign_in")


def owed_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
