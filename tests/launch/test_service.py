"""`./run` as an operator meets it: start, look, break, start again."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from tests.launch.conftest import STOP_SECONDS_MAX, CompletedProcess, Copy, is_gone


def test_start_ends_at_a_page_and_a_sign_in(running: Copy) -> None:
    status, body = running.page("/admin/login/")
    assert status == 200
    assert "csrfmiddlewaretoken" in body
    name, password = (running.var / "secrets" / "sign_in").read_text().split()
    assert f"Sign in as {name} with the password {password}" in running.said()


def test_secrets_are_readable_by_their_owner_only(running: Copy) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in running.var.glob("secrets/*")}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((running.var / "secrets").stat().st_mode) == 0o700


def test_service_role_is_no_superuser(running: Copy) -> None:
    code = (
        "from django.db import connection as c; k = c.cursor();"
        " k.execute('SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user');"
        " print('rights', k.fetchone())"
    )
    assert "rights (False, False)" in running.run("manage", "shell", "-v0", "-c", code).stdout


def test_service_role_cannot_silence_triggers(running: Copy) -> None:
    code = (
        "from django.db import connection as c; k = c.cursor();"
        " k.execute(\"SELECT has_parameter_privilege('session_replication_role', 'SET')\");"
        " print('may', k.fetchone())"
    )
    assert "may (False,)" in running.run("manage", "shell", "-v0", "-c", code).stdout


def test_database_listens_on_no_port(running: Copy) -> None:
    code = (
        "from django.db import connection as c; k = c.cursor();"
        " k.execute(\"SELECT current_setting('listen_addresses'), current_setting('fsync')\");"
        " print('listens', k.fetchone())"
    )
    assert "listens ('', 'on')" in running.run("manage", "shell", "-v0", "-c", code).stdout


def test_second_start_says_that_it_runs_already(running: Copy) -> None:
    done = running.run()
    assert done.returncode == 1
    assert "already running" in done.stderr
    assert str(running.port) in done.stderr


def test_manage_leaves_the_running_database_up(running: Copy) -> None:
    before = running.database_pid()
    assert running.run("manage", "check").returncode == 0
    assert running.database_pid() == before
    assert running.page("/readyz")[0] == 200


def test_reader_of_test_files_is_compiled_before_one_comes(running: Copy) -> None:
    said = running.places.log / "reader.log"
    running.wait_for(lambda: said.exists() and "The reader is ready." in said.read_text())


@pytest.mark.parametrize("name", ["worker", "beat", "web"])
def test_killed_child_comes_back(running: Copy, name: str) -> None:
    pid = running.pid(name)
    os.kill(pid, signal.SIGKILL)
    running.wait_for(lambda: running.pid(name) != pid)
    running.wait_for(lambda: not is_gone(running.pid(name)))


def test_killed_database_comes_back(running: Copy) -> None:
    pid = running.database_pid()
    os.kill(pid, signal.SIGKILL)
    running.wait_for(lambda: "database ended unexpectedly" in running.said())
    running.wait_for(lambda: _database_lives(running))
    running.wait_for(lambda: _answers(running))


def test_two_copies_run_side_by_side(running: Copy, copy: Copy) -> None:
    copy.start()
    assert copy.page("/readyz")[0] == 200
    assert running.page("/readyz")[0] == 200
    assert copy.database_pid() != running.database_pid()


def test_interrupt_ends_everything(copy: Copy) -> None:
    copy.start()
    pids = [child.pid for child in copy.state.children] + [copy.database_pid()]
    assert copy.interrupt() == 0
    assert all(is_gone(pid) for pid in pids)


def test_children_end_with_a_killed_supervisor(copy: Copy) -> None:
    copy.start()
    children = [child.pid for child in copy.state.children]
    database = copy.database_pid()
    copy.kill()
    copy.wait_for(lambda: all(is_gone(pid) for pid in children))
    # The server stays; the next start finds it and goes on with it.
    assert not is_gone(database)
    copy.start()
    assert copy.database_pid() == database


LOCKED = """
import sys
from time import sleep
from django.db import connection, transaction
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("LOCK TABLE django_celery_beat_periodictasks")
    waiting = 0
    while not waiting:
        sleep(0.1)
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        (waiting,) = cursor.fetchone()
    print("beat waits", flush=True)
    sys.stdin.read()
"""


def test_beat_that_waits_for_the_database_ends_when_told(copy: Copy) -> None:
    copy.start()
    beat = copy.pid("beat")
    shell = [str(settings.BASE_DIR / "run"), "manage", "shell", "-v0", "-c", LOCKED]
    pipe = subprocess.PIPE
    with subprocess.Popen(shell, env=copy.environment, stdin=pipe, stdout=pipe) as locking:
        assert locking.stdout is not None
        assert locking.stdout.readline() == b"beat waits\n"
        os.kill(beat, signal.SIGTERM)
        copy.wait_for(lambda: is_gone(beat), STOP_SECONDS_MAX)


def test_stop_ends_what_a_crash_left(copy: Copy) -> None:
    copy.start()
    pids = [child.pid for child in copy.state.children] + [copy.database_pid()]
    copy.kill()
    done = copy.run("stop")
    assert "database" in done.stdout
    assert all(is_gone(pid) for pid in pids)
    assert copy.run("stop").stdout == "Nothing was running.\n"


def test_stop_ends_a_running_service(copy: Copy) -> None:
    copy.start()
    pids = [child.pid for child in copy.state.children] + [copy.database_pid()]
    assert copy.run("stop").stdout == "Stopped: service.\n"
    assert all(is_gone(pid) for pid in pids)


def test_data_folder_that_the_server_may_not_enter_is_left_as_it_is(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root hands the server to another user")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    copy = Copy(closed / "var")
    try:
        assert copy.run("manage", "check", "--database", "default").returncode == 0
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert (copy.var / "postgres.where").read_text().startswith("/var/lib/supplychain-")
    finally:
        copy.discard()


def test_long_data_folder_gets_a_short_socket(tmp_path: Path) -> None:
    copy = Copy(tmp_path / ("long-" * 30) / "var")
    try:
        done = copy.run("manage", "check", "--database", "default")
        assert done.returncode == 0, done.stderr
    finally:
        copy.discard()


def test_manage_sets_up_first_and_leaves_stdout_to_the_command(
    set_up: tuple[Copy, CompletedProcess],
) -> None:
    done = set_up[1]
    assert done.stdout == "only this\n"
    assert "Migrating the database" in done.stderr


def test_busy_port_is_named(empty: Copy) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", empty.port))
        other.listen()
        done = empty.run()
    assert done.returncode == 1
    assert f"Port {empty.port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_unreachable_database_is_named_without_its_password(empty: Copy) -> None:
    empty.extra = {"DATABASE_URL": "postgresql://someone:verysecret@127.0.0.1:1/nothing"}
    done = empty.run()
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "verysecret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "web", "-1", "80.5"])
def test_port_that_is_none_is_refused(empty: Copy, port: str) -> None:
    empty.extra = {"SUPPLYCHAIN_PORT": port}
    done = empty.run()
    assert done.returncode == 1
    assert "SUPPLYCHAIN_PORT must be" in done.stderr


def test_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = Copy(tmp_path / "file" / "var").run()
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_full_disk_is_named() -> None:
    small = Path(tempfile.mkdtemp())
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=2m,mode=0755", "tmpfs", str(small)]
    small.chmod(0o755)
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        small.rmdir()
        pytest.skip("only root can make a small disk")
    try:
        done = Copy(small / "var").run("manage", "check")
        assert done.returncode == 1
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        subprocess.run(["/bin/umount", str(small)])
        small.rmdir()


def test_help_names_every_verb(empty: Copy) -> None:
    done = empty.run("--help")
    assert done.returncode == 0
    assert all(f"./run {verb}" in done.stdout for verb in ["test", "manage", "stop", "--help"])


def test_unknown_verb_is_refused_with_the_help(empty: Copy) -> None:
    done = empty.run("sotp")
    assert done.returncode == 2
    assert "does not know: sotp" in done.stderr


def test_missing_python_is_named(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "var", extra={"SUPPLYCHAIN_PYTHON": "", "PATH": "/nonexistent"})
    done = copy.run("--help")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def _answers(copy: Copy) -> bool:
    try:
        return copy.page("/readyz")[0] == 200
    except OSError:
        return False


def _database_lives(copy: Copy) -> bool:
    try:
        return not is_gone(copy.database_pid())
    except FileNotFoundError:
        return False
