"""The migrated database that every run of the tests begins with, kept from run to run.

A cluster that was stopped in good order is kept below the data folder, named after all that made
it what it is. A run copies it, and each of its processes has PostgreSQL clone the database inside.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from supplychain.launch.locks import held_lock
from supplychain.launch.places import PRIVATE, Places, kept_secret, make_folder
from supplychain.launch.postgres import Postgres
from supplychain.launch.problems import LaunchProblem, say
from supplychain.launch.server import Server

MIGRATED = "supplychain_migrated"
KEPT_MAX = 3
WAITING = "Another run is migrating the tests' database; waiting for it."

# What migrations run, and the modules of ours that they import.
MADE_OF = [
    "requirements.txt",  # PostgreSQL is pinned there, too
    "requirements-dev.txt",
    "supplychain/settings.py",
    "supplychain/settings_for_tests.py",
    "*/migrations/*.py",
    "*/sql/*.sql",
    "*/domain/words.py",
    "*/models.py",
    "*/models/*.py",
]


def start_migrated(places: Places, server: Server) -> Postgres:
    """A running server whose database MIGRATED is up to date, made first where none is kept."""
    with held_lock(places.run / "tests-template.lock", WAITING):
        owner_password = kept_secret(places.secrets / "tests_owner_password")
        postgres = Postgres(server, owner_password, owner_password, durable=False)
        kept = kept_cluster(places, owner_password)
        if kept.is_dir():
            _copy(kept, server.cluster)
            _give(server.cluster, server)
        else:
            _migrate(places, postgres)
            _keep(places, server.cluster, kept)
        os.utime(kept)
        _forget_old(places)
    postgres.start()
    return postgres


def kept_cluster(places: Places, owner_password: str) -> Path:
    """Where the cluster made of these very files and this password lies, or would."""
    digest = hashlib.sha256(owner_password.encode())
    for path in read_files(places.root):
        digest.update(f"{path.relative_to(places.root)}\n".encode() + path.read_bytes())
    return places.var / "tests" / digest.hexdigest()[:32]


def read_files(root: Path) -> list[Path]:
    """All that the migrated database depends on, in a fixed order."""
    return sorted({path for pattern in MADE_OF for path in root.glob(pattern)})


def _migrate(places: Places, postgres: Postgres) -> None:
    say("Migrating the tests' database; later runs find it done …")
    postgres.start()
    postgres.create_database(MIGRATED)
    command = [str(places.python), str(places.root / "manage.py"), "migrate"]
    environment = {
        **os.environ,
        "DATABASE_URL": postgres.url_of(MIGRATED),
        "DJANGO_SETTINGS_MODULE": "supplychain.settings_for_tests",
        "SUPPLYCHAIN_SECRET_KEY": "only-to-migrate",
    }
    done = subprocess.run(
        [*command, "--run-syncdb", "--verbosity=0", "--no-input"],
        env=environment, cwd=places.root, check=False,
    )  # fmt: skip
    if done.returncode:
        raise LaunchProblem("The tests' database could not be migrated; the reason stands above.")
    postgres.stop()


def _keep(places: Places, cluster: Path, kept: Path) -> None:
    make_folder(kept.parent, PRIVATE)
    fresh = kept.with_name(f"{kept.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _copy(cluster, fresh)
    os.sync()
    fresh.rename(kept)


def _copy(cluster: Path, to: Path) -> None:
    shutil.copytree(cluster, to, symlinks=True)


def _give(cluster: Path, server: Server) -> None:
    for path in [cluster, *cluster.rglob("*")]:
        server.user.own(path)


def _forget_old(places: Places) -> None:
    """Keep those that were used last. A name that ends in .new was left by a crash."""
    folders = list((places.var / "tests").iterdir())
    whole = [folder for folder in folders if folder.suffix != ".new"]
    whole.sort(key=lambda folder: folder.stat().st_mtime_ns, reverse=True)
    for folder in folders:
        if folder not in whole[:KEPT_MAX]:
            shutil.rmtree(folder)
