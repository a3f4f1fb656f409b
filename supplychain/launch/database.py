"""The database of a data folder: up for as long as somebody here uses it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from supplychain.launch.locks import held_lock, is_last, shared_lock, try_lock
from supplychain.launch.places import Places, kept_secret, write_private
from supplychain.launch.postgres import Postgres
from supplychain.launch.server import kept_server

WAITING = "Another start is busy with the database; waiting for it."


def outside_url() -> str:
    """DATABASE_URL of the operator; empty when the embedded server is to be used."""
    return os.environ.get("DATABASE_URL", "").strip()


def kept_postgres(places: Places) -> Postgres:
    return Postgres(
        server=kept_server(places),
        owner_password=kept_secret(places.secrets / "database_owner_password"),
        service_password=kept_secret(places.secrets / "database_password"),
    )


@contextmanager
def database_up(places: Places) -> Iterator[str]:
    """DATABASE_URL of a database that runs. The last user of the embedded server stops it."""
    if outside_url():
        yield outside_url()
        return
    postgres = kept_postgres(places)
    with shared_lock(places.run / "database.users") as users:
        revive(places, postgres)
        write_private(places.secrets / "database_url", postgres.url)
        try:
            yield postgres.url
        finally:
            with held_lock(places.run / "database.lock", WAITING):
                if is_last(users):
                    postgres.stop()


def revive(places: Places, postgres: Postgres) -> None:
    """Start the server unless it runs."""
    with held_lock(places.run / "database.lock", WAITING):
        postgres.start()


def stop_left_behind(places: Places) -> bool:
    """Stop a server that nobody uses any more; True if there was one."""
    if not (places.var / "postgres").is_dir() and not (places.var / "postgres.where").exists():
        return False
    with held_lock(places.run / "database.lock", WAITING):
        users = try_lock(places.run / "database.users")
        if users is None:
            return False
        with users:
            postgres = kept_postgres(places)
            ran = postgres.is_running()
            postgres.stop()
            return ran
