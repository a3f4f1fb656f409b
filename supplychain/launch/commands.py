"""The verbs of `./run`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from supplychain.launch.places import Places, find_places, kept_secret
from supplychain.launch.postgres import Postgres
from supplychain.launch.problems import LaunchProblem
from supplychain.launch.requirements import install_requirements
from supplychain.launch.server import throwaway_server


def main(words: list[str]) -> int:
    try:
        return run_tests(find_places(), words[1:])
    except LaunchProblem as problem:
        print(f"supplychain: {problem}", file=sys.stderr)
        return 1


def run_tests(places: Places, arguments: list[str]) -> int:
    places.prepare()
    install_requirements(places, dev=True)
    server = throwaway_server(places)
    passwords = Path(tempfile.mkdtemp(prefix="supplychain-test-secrets-"))
    var = Path(tempfile.mkdtemp(prefix="supplychain-test-var-"))
    postgres = Postgres(server=server, passwords=passwords, durable=False)
    try:
        postgres.start()
        environment = {
            **os.environ,
            "DATABASE_URL": postgres.url,
            "SUPPLYCHAIN_SECRET_KEY": kept_secret(passwords / "secret_key"),
            "SUPPLYCHAIN_VAR": str(var),
        }
        command = [str(places.python), "-m", "pytest", *arguments]
        return subprocess.run(command, cwd=places.root, env=environment, check=False).returncode
    finally:
        postgres.stop(mode="immediate")
        for folder in [server.home, passwords, var]:
            shutil.rmtree(folder, ignore_errors=True)
