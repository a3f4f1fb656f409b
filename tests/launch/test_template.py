"""The migrated database of the tests: made once, copied by every run, made anew when due."""

from __future__ import annotations

import ast
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from supplychain.launch import tests_template
from supplychain.launch.places import Places
from supplychain.launch.postgres import Postgres
from supplychain.launch.problems import LaunchProblem
from supplychain.launch.requirements import TESTS
from supplychain.launch.server import throwaway_server
from supplychain.launch.tests_run import database, discard, run_tests

MIGRATE = """
import os, pathlib, psycopg
word = pathlib.Path("room/sql/word.sql").read_text()
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE made (word text)")
    connection.execute("INSERT INTO made VALUES (%s)", [word])
with open("times", "a") as times:
    times.write("once\\n")
"""

CLONE = """
import os, psycopg
def test_template_has_its_table():
    template = os.environ["SUPPLYCHAIN_TEST_TEMPLATE"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE mine TEMPLATE {template}")
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="mine") as connection:
        assert connection.execute("SELECT word FROM made").fetchone() == ("first",)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """A checkout that migrates in a moment, and counts how often it did: once so far."""
    folder = tmp_path_factory.mktemp("made")
    root = folder / "root"
    (root / "room" / "sql").mkdir(parents=True)
    (root / "room" / "sql" / "word.sql").write_text("first")
    (root / "manage.py").write_text(MIGRATE)
    (root / "test_clone.py").write_text(CLONE)
    for name in [".venv", *TESTS]:
        (root / name).symlink_to(settings.BASE_DIR / name)
    places = Places(root=root, var=folder / "var")
    places.prepare()
    with begun(places):
        pass
    yield places
    shutil.rmtree(folder)


@pytest.fixture
def small(made: Places, tmp_path: Path) -> Iterator[Places]:
    """A copy of that, with the database that it keeps."""
    for folder in [made.root, made.var]:
        shutil.copytree(folder, tmp_path / folder.name, symlinks=True)
    yield Places(root=tmp_path / made.root.name, var=tmp_path / made.var.name)
    shutil.rmtree(tmp_path)


@pytest.fixture
def fresh(small: Places) -> Places:
    """Nothing is kept yet, and nothing was counted."""
    shutil.rmtree(small.var / "tests")
    (small.root / "times").unlink()
    return small


@contextmanager
def begun(places: Places) -> Iterator[Postgres]:
    server = throwaway_server(places)
    try:
        yield tests_template.start_migrated(places, server)
    finally:
        discard(server.home, server.socket)


def word(postgres: Postgres) -> str:
    """What the migration of a clone of the database said, as a test's process gets it."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE mine TEMPLATE {tests_template.MIGRATED}")
    with psycopg.connect(postgres.url_of("mine")) as connection:
        return str(connection.execute("SELECT word FROM made").fetchall()[0][0])


def migrated(places: Places) -> int:
    """How often."""
    return len((places.root / "times").read_text().split())


def kept(places: Places) -> list[Path]:
    return sorted((places.var / "tests").iterdir())


def test_run_of_tests_passes_arguments_and_status_on(small: Places) -> None:
    # Without Django, whose settings the small checkout has not.
    assert run_tests(small, ["-p", "no:django", "test_clone.py"]) == 0
    assert run_tests(small, ["-p", "no:django", "--no-such-option"]) == 4


def test_second_run_finds_the_database_migrated(small: Places) -> None:
    with begun(small) as postgres:
        assert word(postgres) == "first"
    assert migrated(small) == 1


def test_what_a_run_does_to_its_copy_stays_there(small: Places) -> None:
    for _ in range(2):
        with begun(small) as postgres:
            url = postgres.url_of(tests_template.MIGRATED)
            with psycopg.connect(url) as connection:
                connection.execute("INSERT INTO made VALUES ('second')")
                assert connection.execute("SELECT count(*) FROM made").fetchone() == (2,)


def test_runs_that_begin_together_migrate_once(fresh: Places) -> None:
    def run(_: int) -> str:
        with begun(fresh) as postgres:
            return word(postgres)

    with ThreadPoolExecutor(2) as both:
        assert list(both.map(run, range(2))) == ["first", "first"]
    assert migrated(fresh) == 1


def test_changed_file_has_the_database_made_anew(small: Places) -> None:
    (small.root / "room" / "sql" / "word.sql").write_text("other")
    with begun(small) as postgres:
        assert word(postgres) == "other"
    assert len(kept(small)) == 2


def test_only_the_last_used_are_kept(small: Places) -> None:
    (used,) = kept(small)
    for number, name in enumerate(["a", "b", "c", "cut-short.new"]):
        (small.var / "tests" / name).mkdir()
        os.utime(small.var / "tests" / name, (number, number))
    with begun(small):
        pass
    assert set(kept(small)) == {used, used.with_name("b"), used.with_name("c")}


def test_database_that_does_not_migrate_is_not_kept(fresh: Places) -> None:
    (fresh.root / "manage.py").write_text("raise SystemExit(1)")
    with (
        pytest.raises(LaunchProblem, match="could not be migrated"),
        database(fresh, tests_template.start_migrated),
    ):
        pass
    assert not (fresh.var / "tests").exists()
    assert not list(fresh.run.glob("test-*.json"))


def test_lost_password_has_the_database_made_anew(small: Places) -> None:
    (small.secrets / "tests_owner_password").unlink()
    with begun(small) as postgres:
        assert word(postgres) == "first"
    assert migrated(small) == 2


def test_all_that_migrations_import_of_ours_is_looked_at() -> None:
    root = settings.BASE_DIR
    looked_at = set(tests_template.read_files(root))
    modules = {
        name
        for path in root.glob("*/migrations/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported(node)
    }
    files = {file for name in modules for file in module_files(root, name)}
    assert len(files) > 10
    assert files <= looked_at


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def module_files(root: Path, name: str) -> list[Path]:
    path = root.joinpath(*name.split("."))
    return [file for file in [path.with_suffix(".py"), path / "__init__.py"] if file.is_file()]
