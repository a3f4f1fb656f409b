"""The virtual environment: made again when requirements change or an install was cut short."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from supplychain.launch.locks import held_lock
from supplychain.launch.places import Places
from supplychain.launch.problems import LaunchProblem, say

RUNTIME = ["requirements.txt"]
TESTS = ["requirements.txt", "requirements-dev.txt"]


def install_requirements(places: Places, names: list[str]) -> None:
    """Leave a .venv that fits these pinned files; quick when it already does."""
    if _fits(places, names):
        return
    waiting = "Another start is installing requirements; waiting for it."
    try:
        with held_lock(places.root / ".venv.lock", waiting):
            if not _fits(places, names):
                _install(places, names)
    except OSError as error:
        raise LaunchProblem(
            f"{places.venv} cannot be made ({error.strerror}). Free some space, or give this user "
            f"the right to write in {places.root}."
        ) from error


def _install(places: Places, names: list[str]) -> None:
    unfinished = places.venv / ".installing"
    if unfinished.exists() or not _works(places):
        shutil.rmtree(places.venv, ignore_errors=True)
        say(f"Making {places.venv} …")
        _call([sys.executable, "-m", "venv", str(places.venv)], places)
    # From here until the end an interrupted install leaves its mark, and is thrown away.
    unfinished.touch()
    say(f"Installing {' and '.join(names)}; this takes a minute …")
    command = [
        str(places.python), "-m", "pip", "install", "-qq", "--no-input", "--require-hashes",
        "--no-deps", "--disable-pip-version-check", "--no-warn-script-location",
    ]  # fmt: skip
    # --no-deps: the files name all there is. Older pips, left to resolve extras such as
    # coverage[toml], take a version newer than the pinned one and refuse it for want of a hash.
    for name in names:
        command += ["-r", str(places.root / name)]
    _call(command, places)
    for count in range(1, len(names) + 1):
        _marker(places, names[:count]).write_text(_fingerprint(places, names[:count]))
    unfinished.unlink()


def _fits(places: Places, names: list[str]) -> bool:
    if (places.venv / ".installing").exists():
        return False
    try:
        return _marker(places, names).read_text() == _fingerprint(places, names)
    except OSError:
        return False


def _works(places: Places) -> bool:
    return places.python.exists() and _python_version(places) != ""


def _marker(places: Places, names: list[str]) -> Path:
    return places.venv / f".installed-{Path(names[-1]).stem}"


def _fingerprint(places: Places, names: list[str]) -> str:
    """Of the files and of the Python, which an upgrade of the system may change below us."""
    digest = hashlib.sha256(_python_version(places).encode())
    for name in names:
        digest.update((places.root / name).read_bytes())
    return digest.hexdigest()


def _python_version(places: Places) -> str:
    """Of a .venv whose folder fits its program; else empty."""
    if not places.python.exists():
        return ""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run(
        [str(places.python), "-c", code], capture_output=True, text=True, check=False
    )
    version = done.stdout.strip()
    return version if (places.venv / "lib" / f"python{version}" / "site-packages").exists() else ""


def _call(command: list[str], places: Places) -> None:
    if subprocess.run(command, cwd=places.root, check=False).returncode:
        raise LaunchProblem(
            f"Setting up {places.venv} failed (see above). Python must bring `venv` and "
            "`ensurepip` (Debian: apt install python3-venv), and pip must reach a package index. "
            "Start again to try once more."
        )
