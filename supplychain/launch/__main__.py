"""Entered as a folder by `./run` before anything is installed: standard library only."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from supplychain.launch.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
