"""Typed reading of the environment. A secret may also stand in a file that only we can read."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    word = text(name).lower()
    if word in {"", "0", "false", "no", "off"}:
        return default if word == "" else False
    if word in {"1", "true", "yes", "on"}:
        return True
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {word!r}.")


def number(name: str, default: int) -> int:
    word = text(name)
    if not word:
        return default
    try:
        return int(word)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {word!r}.") from error


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str, path: Path, default: str = "") -> str:
    """The variable, else the first line of the file, else the default."""
    if found := text(name):
        return found
    try:
        return path.read_text().strip() or default
    except FileNotFoundError:
        return default
