"""The environment of our processes, and a database brought to the state the code expects."""

from __future__ import annotations

import hashlib
import os
import subprocess

from supplychain.launch.database import outside_url
from supplychain.launch.places import Places, kept_secret, write_private
from supplychain.launch.problems import LaunchProblem
from supplychain.launch.server import wheel_programs


def service_environment(places: Places, url: str) -> dict[str, str]:
    if not os.environ.get("SUPPLYCHAIN_SECRET_KEY"):
        kept_secret(places.secrets / "secret_key")
    # `manage.py dbshell` finds the embedded server's psql.
    programs = "" if outside_url() else f"{wheel_programs(places)}{os.pathsep}"
    return {
        **os.environ,
        "PATH": f"{programs}{os.environ.get('PATH', os.defpath)}",
        "DATABASE_URL": url,
        "SUPPLYCHAIN_VAR": str(places.var),
        "DJANGO_SETTINGS_MODULE": "supplychain.settings",
        "PYTHONUNBUFFERED": "1",
    }


def prepare_database(places: Places, url: str) -> None:
    """Migrations, static files, reference rows, a first sign-in: `manage.py prepare`."""
    fingerprint = code_fingerprint(places)
    command = [str(places.python), str(places.root / "manage.py"), "prepare"]
    done = subprocess.run(
        command, env=service_environment(places, url), cwd=places.root, check=False
    )
    if done.returncode:
        raise LaunchProblem("The database could not be prepared; the reason stands above.")
    write_private(places.run / "prepared", fingerprint)


def is_prepared(places: Places) -> bool:
    """Whether this very code prepared this very database; no promise for one we do not run."""
    marker = places.run / "prepared"
    return not outside_url() and marker.exists() and marker.read_text() == code_fingerprint(places)


def code_fingerprint(places: Places) -> str:
    digest = hashlib.sha256()
    for pattern in ["requirements.txt", "*/migrations/*.py", "*/reference/*.json"]:
        for path in sorted(places.root.glob(pattern)):
            digest.update(f"{path.relative_to(places.root)}\n".encode() + path.read_bytes())
    for identity in sorted(places.var.glob("postgres*")):
        cluster = identity / "cluster" / "PG_VERSION"
        digest.update(str(cluster.stat().st_mtime_ns if cluster.exists() else identity).encode())
    return digest.hexdigest()
