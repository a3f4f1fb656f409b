"""The blocks of docs/finance-examples.md, and running one as somebody would paste it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

PART = re.compile(r"^## (.*?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Example:
    """One block: the heading it stands under, sh or python, and what is pasted."""

    heading: str
    kind: str
    code: str


def examples() -> list[Example]:
    """In the order of the page."""
    text = (settings.BASE_DIR / "docs" / "finance-examples.md").read_text()
    parts = PART.findall(text)
    return [Example(heading, *block) for heading, part in parts for block in BLOCK.findall(part)]


def run_example(example: Example, folder: Path, there: dict[str, str], seconds_max: int) -> None:
    """AssertionError with what it said, if it fails. there: SERVICE and TOKEN."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    python = [sys.executable, "-c", example.code]
    done = subprocess.run(
        ["sh", "-ec", example.code] if example.kind == "sh" else python,
        cwd=folder,
        env={**os.environ, "PATH": tools, **there},
        capture_output=True,
        text=True,
        timeout=seconds_max,
        check=False,
    )
    assert done.returncode == 0, f"{example.code}\n{done.stderr}"
