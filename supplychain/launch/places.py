"""Where things lie: the code, the data folder, and what we keep in it."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from supplychain.launch.problems import LaunchProblem

PRIVATE = 0o700
OPEN = 0o755


@dataclass(frozen=True, slots=True)
class Places:
    """root: the checkout. var: the data folder."""

    root: Path
    var: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def secrets(self) -> Path:
        return self.var / "secrets"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def tag(self) -> str:
        """Short and stable: tells two data folders of one machine apart."""
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]

    def prepare(self) -> None:
        """Make the data folder. Permissions are set on folders we make, never on others."""
        try:
            make_folder(self.var, OPEN)
            for name in ["secrets", "files", "broker", "log", "run"]:
                make_folder(self.var / name, PRIVATE)
            for name in ["broker/messages", "broker/control"]:
                make_folder(self.var / name, PRIVATE)
            make_folder(self.var / "inbox", OPEN)
            probe = self.run / f".probe-{os.getpid()}"
            probe.write_bytes(b"x" * 4096)
            probe.unlink()
        except OSError as error:
            raise LaunchProblem(
                f"The data folder {self.var} cannot be written ({error.strerror}). Free some "
                "space, mend its permissions, or name another folder in SUPPLYCHAIN_VAR."
            ) from error


def find_places() -> Places:
    root = Path(__file__).resolve().parents[2]
    var = os.environ.get("SUPPLYCHAIN_VAR", "").strip()
    return Places(root=root, var=Path(var or root / "var").expanduser().resolve())


def make_folder(path: Path, mode: int) -> None:
    """Make one folder with exactly this mode; an existing one stays as it is."""
    if path.is_dir():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=mode, exist_ok=True)
    path.chmod(mode)


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, readable by us only."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def kept_secret(path: Path) -> str:
    """The secret in this file, made on first use."""
    if not path.exists() or not path.read_text().strip():
        write_private(path, secrets.token_urlsafe(48) + "\n")
    return path.read_text().strip()
