"""The virtual environment: made once, made again when requirements change or an install was cut short."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from supplychain.launch.locks import held_lock
from supplychain.launch.places import Places
from supplychain.launch.problems import LaunchProblem


def install_requirements(places: Places, *, dev: bool) -> None:
    """Leave a .venv that fits the pinned files. The marker is written last, so half an install is seen."""
    names = ["requirements.txt", "requirements-dev.txt"] if dev else ["requirements.txt"]
    files = [places.root / name for name in names]
    if _is_fresh(places, files):
        return
    with held_lock(
        places.root / ".venv.lock", "Another start is installing requirements; waiting."
    ):
        if not _is_fresh(places, files):
            _install(places, files)


def _install(places: Places, files: list[Path]) -> None:
    _say(f"Installing requirements into {places.venv} …")
    markers = [_marker(places, path) for path in files]
    if not _has_pip(places):
        shutil.rmtree(places.venv, ignore_errors=True)
        _call([sys.executable, "-m", "venv", str(places.venv)], places)
    for marker in markers:
        marker.unlink(missing_ok=True)
    command = [str(places.python), "-m", "pip", "install", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-warn-script-location", "--require-hashes"]
    for path in files:
        command += ["-r", str(path)]
    _call(command, places)
    for path, marker in zip(files, markers, strict=True):
        marker.write_text(_fingerprint(path))


def _is_fresh(places: Places, files: list[Path]) -> bool:
    return places.python.exists() and all(
        _marker(places, path).exists() and _marker(places, path).read_text() == _fingerprint(path)
        for path in files
    )


def _has_pip(places: Places) -> bool:
    if not places.python.exists():
        return False
    probe = [str(places.python), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _call(command: list[str], places: Places) -> None:
    done = subprocess.run(command, cwd=places.root, check=False)
    if done.returncode:
        raise LaunchProblem(
            f"Setting up {places.venv} failed (see above). Python must bring `venv` and `ensurepip` "
            "(Debian: apt install python3-venv), and pip must reach a package index. "
            "Run the same command again to go on where it stopped."
        )


def _marker(places: Places, path: Path) -> Path:
    return places.venv / f".installed-{path.stem}"


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _say(text: str) -> None:
    print(text, flush=True)
