"""The verbs of `./run`."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from supplychain.launch.database import database_up, stop_left_behind
from supplychain.launch.foreground import run_foreground
from supplychain.launch.places import Places, find_places
from supplychain.launch.prepare import is_prepared, prepare_database, service_environment
from supplychain.launch.problems import LaunchProblem, say, words_to_stderr
from supplychain.launch.requirements import RUNTIME, install_requirements
from supplychain.launch.service import serve
from supplychain.launch.supervisor import read_state, stop_left_children
from supplychain.launch.tests_run import discard_left_behind, run_tests

HELP = """\
./run                    set everything up, start the service, stop it on Ctrl-C
./run test [ARGS…]       set up the same way and run pytest with these arguments
./run manage ARGS…       run manage.py with the database up
./run stop               end what ./run started, also after a crash
./run --help             this text

By environment:
  SUPPLYCHAIN_VAR        data folder (default: var/ beside this file)
  SUPPLYCHAIN_PORT       port of the web pages (default 8000)
  SUPPLYCHAIN_HOST       address they are bound to (default 127.0.0.1)
  SUPPLYCHAIN_DEMO       0: no demo line on the first start; 1: load it into this database
  SUPPLYCHAIN_PYTHON     Python to make .venv with, 3.11 or newer
  DATABASE_URL           a PostgreSQL 15 or newer of your own, instead of the embedded one
  CELERY_BROKER_URL      RabbitMQ or Redis, instead of files in the data folder
More in docs/operations.md.
"""
STOP_SECONDS_MAX = 45.0
# These look at or change the schema themselves, or need no rows.
UNPREPARED = {
    "check", "dbshell", "help", "makemigrations", "migrate", "prepare", "showmigrations",
    "spectacular", "sqlmigrate", "--help", "--version",
}  # fmt: skip


def main(words: list[str]) -> int:
    """Exit status. Problems the operator can mend are one paragraph, never a traceback."""
    for number in [signal.SIGTERM, signal.SIGHUP]:
        signal.signal(number, _end)
    try:
        return _dispatch(words)
    except LaunchProblem as problem:
        print(f"supplychain: {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"supplychain: {error}. Mend that and start again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _dispatch(words: list[str]) -> int:
    match words:
        case []:
            serve(find_places())
        case ["test", *arguments]:
            return run_tests(find_places(), arguments)
        case ["manage", *arguments]:
            return manage(find_places(), arguments)
        case ["stop"]:
            stop(find_places())
        case ["help" | "--help" | "-h"]:
            say(HELP.rstrip())
        case _:
            print(f"./run does not know: {' '.join(words)}\n\n{HELP}", file=sys.stderr, end="")
            return 2
    return 0


def manage(places: Places, arguments: list[str]) -> int:
    """manage.py's exit status; its output is all that goes to stdout.

    Starts the database if need be, and then stops it again.
    """
    with ExitStack() as until_done:
        with words_to_stderr():
            places.prepare()
            install_requirements(places, RUNTIME)
            url = until_done.enter_context(database_up(places))
            if not is_prepared(places) and not UNPREPARED & set(arguments[:1] or ["help"]):
                prepare_database(places, url)
        command = [str(places.python), str(places.root / "manage.py"), *arguments]
        return run_foreground(command, service_environment(places, url), Path.cwd())


def stop(places: Places) -> None:
    """Safe to call at any time; says what it ended."""
    if not places.var.is_dir():
        say("Nothing was running.")
        return
    places.prepare()
    stopped = _stop_supervisor(places) + stop_left_children(places)
    if stop_left_behind(places):
        stopped.append("database")
    if discard_left_behind(places):
        stopped.append("test databases")
    say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")


def _stop_supervisor(places: Places) -> list[str]:
    state = read_state(places)
    if state is None or not state.supervisor.is_alive():
        return []
    os.kill(state.supervisor.pid, signal.SIGTERM)
    end = time.monotonic() + STOP_SECONDS_MAX
    while state.supervisor.is_alive():
        if time.monotonic() > end:
            os.kill(state.supervisor.pid, signal.SIGKILL)
        time.sleep(0.1)
    return ["service"]


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)
