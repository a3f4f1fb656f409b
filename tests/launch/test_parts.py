"""The launcher's parts, each by itself."""

from __future__ import annotations

import json
import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from supplychain.launch import commands, requirements, server, tests_run, users
from supplychain.launch.database import database_up
from supplychain.launch.locks import held_lock, try_lock
from supplychain.launch.places import PRIVATE, Places, find_places, kept_secret, make_folder
from supplychain.launch.postgres import Postgres, shared_buffers_mb, shared_memory
from supplychain.launch.problems import LaunchProblem
from supplychain.launch.requirements import RUNTIME, TESTS, install_requirements
from supplychain.launch.service import demo_marker, demo_wanted
from supplychain.launch.users import ServerUser, server_user


@pytest.fixture
def bare(tmp_path: Path) -> Places:
    """A checkout that needs nothing but Python."""
    (tmp_path / "root").mkdir()
    for name in TESTS:
        (tmp_path / "root" / name).write_text("# nothing\n")
    return Places(root=tmp_path / "root", var=tmp_path / "var")


def test_environment_is_made_once(bare: Places, capfd: pytest.CaptureFixture[str]) -> None:
    install_requirements(bare, TESTS)
    assert "Making" in capfd.readouterr().out
    install_requirements(bare, TESTS)
    install_requirements(bare, RUNTIME)
    assert capfd.readouterr().out == ""


def test_changed_requirements_are_installed(
    bare: Places, capfd: pytest.CaptureFixture[str]
) -> None:
    install_requirements(bare, RUNTIME)
    (bare.root / "requirements.txt").write_text("# something else\n")
    capfd.readouterr()
    install_requirements(bare, RUNTIME)
    assert "Installing requirements.txt" in capfd.readouterr().out


def test_unfinished_environment_is_made_again(bare: Places) -> None:
    install_requirements(bare, RUNTIME)
    (bare.venv / ".installing").touch()
    (bare.venv / "half").touch()
    install_requirements(bare, RUNTIME)
    assert not (bare.venv / "half").exists()


def test_environment_of_a_python_that_went_is_made_again(bare: Places) -> None:
    install_requirements(bare, RUNTIME)
    bare.python.unlink()
    bare.python.symlink_to("/nonexistent/python")
    install_requirements(bare, RUNTIME)
    assert bare.python.exists()


def test_failed_install_is_named_and_tried_again(bare: Places) -> None:
    (bare.root / "requirements.txt").write_text("not a requirement at all\n")
    with pytest.raises(LaunchProblem, match="Setting up"):
        install_requirements(bare, RUNTIME)
    (bare.root / "requirements.txt").write_text("# nothing\n")
    install_requirements(bare, RUNTIME)


def test_environment_that_cannot_be_made_is_named(
    bare: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(requirements, "_install", refuse)
    with pytest.raises(LaunchProblem, match="No space left"):
        install_requirements(bare, RUNTIME)


def test_second_holder_of_a_lock_waits_or_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        ["/usr/bin/flock", str(path), sys.executable, "-c", "print(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    assert try_lock(path) is None
    assert holder.stdin is not None
    holder.stdin.close()
    with held_lock(path, "waiting for it"):
        assert holder.wait(10) == 1
    holder.stdout.close()


def test_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "secret")
    assert kept_secret(tmp_path / "secret") == first
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_existing_folder_keeps_its_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    make_folder(tmp_path, PRIVATE)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o711


def test_data_folder_may_be_named_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLYCHAIN_VAR", "~/somewhere")
    assert find_places().var == Path.home().resolve() / "somewhere"


def test_root_hands_the_server_to_the_owner_of_the_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)
    if tmp_path.stat().st_uid == 0:
        os.chown(tmp_path, 12345, 12345)
    assert server_user(tmp_path).uid == tmp_path.stat().st_uid


def test_root_without_an_ordinary_user_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> object:
        raise KeyError(name)

    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", unknown)
    with pytest.raises(LaunchProblem, match="ordinary user"):
        server_user(Path(os.devnull))


def test_ordinary_user_runs_the_server_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1234)
    user = server_user(Path(os.devnull))
    assert (user.uid, user.switched) == (1234, False)
    assert "user" not in user.popen


def test_program_that_cannot_be_started_cannot_be_run() -> None:
    user = ServerUser(os.getuid(), os.getgid(), switched=False)
    assert not user.can_run(["/nonexistent/program"])


def test_programs_behind_a_closed_folder_are_copied(tmp_path: Path) -> None:
    user = server_user(Path(os.devnull))
    if not user.switched:
        pytest.skip("only root hands the server to another user")
    closed = tmp_path / "closed" / ".venv" / "lib" / "python3.11"
    closed.mkdir(parents=True)
    real = server.wheel_programs(find_places()).parents[2]
    (closed / "site-packages").symlink_to(real)
    home = Path(tempfile.mkdtemp())
    try:
        user.own(home)
        hidden = Places(root=tmp_path / "closed", var=tmp_path / "var")
        programs = server.reachable_programs(hidden, home, user)
        assert programs.is_relative_to(home)
        assert user.can_run([str(programs / "initdb"), "--version"])
        assert server.reachable_programs(hidden, home, user) == programs
        home.chmod(0o700)
        os.chown(home, 0, 0)
        with pytest.raises(LaunchProblem, match="cannot run"):
            server.reachable_programs(hidden, home, user)
    finally:
        subprocess.run(["/bin/rm", "-rf", str(home)])


def test_missing_wheel_is_named(bare: Places) -> None:
    with pytest.raises(LaunchProblem, match="embedded PostgreSQL is missing"):
        server.wheel_programs(bare)


def test_home_of_somebody_else_is_refused(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    other = ServerUser(uid=os.getuid() + 1, gid=os.getgid(), switched=False)
    monkeypatch.setattr(server, "server_user", lambda home: other)
    with pytest.raises(LaunchProblem, match="belongs to another user"):
        server.kept_server(places)


def test_home_that_cannot_be_made_is_named(places: Places) -> None:
    (places.var / "postgres.where").write_text("/dev/null/nothing\n")
    with pytest.raises(LaunchProblem, match="cannot be made"):
        server.kept_server(places)


def test_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "socket").mkdir()
    user = ServerUser(uid=os.getuid() + 1, gid=os.getgid(), switched=False)
    with pytest.raises(LaunchProblem, match="belongs to somebody else"):
        server.socket_folder(tmp_path, "tag", user)


def test_no_temporary_folder_is_named(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users.ServerUser, "can_enter", lambda self, path: False)
    with pytest.raises(LaunchProblem, match="TMPDIR"):
        server.throwaway_server(places)


def test_cluster_that_does_not_start_says_why(places: Places) -> None:
    throwaway = server.throwaway_server(places)
    postgres = Postgres(throwaway, "a", "b", durable=False)
    try:
        postgres.start()
        postgres.stop()
        configuration = throwaway.cluster / "postgresql.conf"
        configuration.write_text(configuration.read_text() + "\nnonsense = 7\n")
        with pytest.raises(LaunchProblem, match="nonsense"):
            postgres.start()
    finally:
        tests_run.discard(throwaway.home, throwaway.socket)


@pytest.mark.parametrize(("blocks", "kind"), [(1 << 20, "posix"), (1 << 14, "mmap")])
def test_small_shared_memory_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, blocks: int, kind: str
) -> None:
    found = os.statvfs_result((4096, 4096, blocks, blocks, blocks, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda path: found)
    assert shared_memory() == kind


@pytest.mark.parametrize(("memory", "buffers"), [(1_000, 256), (24_000, 3_000), (512_000, 4_096)])
def test_the_database_keeps_an_eighth_of_the_memory(memory: int, buffers: int) -> None:
    assert shared_buffers_mb(memory) == buffers


def test_absent_shared_memory_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(path: str) -> None:
        raise FileNotFoundError(path)

    monkeypatch.setattr(os, "statvfs", absent)
    assert shared_memory() == "mmap"


def test_wrong_owner_password_is_named(places: Places) -> None:
    throwaway = server.throwaway_server(places)
    try:
        Postgres(throwaway, "right", "b", durable=False).start()
        with pytest.raises(LaunchProblem, match="password"):
            Postgres(throwaway, "wrong", "b", durable=False)._ensure_role()
    finally:
        tests_run.discard(throwaway.home, throwaway.socket)


def test_database_of_ones_own_is_used_as_it_is(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/x")
    with database_up(places) as url:
        assert url == "postgresql://elsewhere/x"
    assert not (places.var / "postgres").exists()


def test_tests_may_use_a_database_of_ones_own(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPLYCHAIN_TEST_DATABASE_URL", "postgresql://elsewhere/x")
    with tests_run.database(places) as url:
        assert url == "postgresql://elsewhere/x"


def test_servers_of_killed_test_runs_are_removed(places: Places) -> None:
    note = {"run": {"name": "test", "pid": 2**22 - 1, "started": "long ago"}}
    with tests_run.database(places):
        mine = next(places.run.glob("test-*.json"))
        found = json.loads(mine.read_text())
        (places.run / "test-0.json").write_text(json.dumps({**found, **note}))
        assert tests_run.discard_left_behind(places) == 1
        assert not Path(found["home"]).exists()
        assert mine.exists()


@pytest.mark.parametrize(
    ("wish", "outside", "known", "wanted"),
    [
        ("", "", "", True),
        ("0", "", "", False),
        ("", "postgresql://x/y", "", False),
        ("1", "postgresql://x/y", "", True),
        ("", "", "begun", True),
        ("", "", "loaded", False),
        ("1", "", "loaded", False),
        ("", "", "declined", False),
        ("1", "", "declined", True),
    ],
)
def test_demo_is_for_a_fresh_embedded_database_or_on_request(
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
    wish: str,
    outside: str,
    known: str,
    wanted: bool,
) -> None:
    monkeypatch.setenv("SUPPLYCHAIN_DEMO", wish)
    monkeypatch.setenv("DATABASE_URL", outside)
    if known:
        demo_marker(places).write_text(known)
    assert demo_wanted(places) is wanted


def test_stop_without_a_data_folder_makes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.stop(Places(root=settings.BASE_DIR, var=tmp_path / "none"))
    assert capsys.readouterr().out == "Nothing was running.\n"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("failure", "status"), [(OSError(5, "disk trouble"), 1), (KeyboardInterrupt(), 130)]
)
def test_failures_end_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException,
    status: int,
) -> None:
    def fail(_: object) -> None:
        raise failure

    before = {number: signal.getsignal(number) for number in [signal.SIGTERM, signal.SIGHUP]}
    monkeypatch.setattr(commands, "serve", fail)
    try:
        assert commands.main([]) == status
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert "Traceback" not in capsys.readouterr().err
