from __future__ import annotations

import stat
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from pytest_django.fixtures import Settings

from supplychain.first_sign_in import ensure_sign_in
from supplychain.management.commands import prepare
from supplychain.static_files import collect_changed


@pytest.fixture
def static_root(settings: Settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path / "static"
    return tmp_path / "static"


def test_first_administrator_gets_a_password_of_his_own(db: None, tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "sign_in"
    ensure_sign_in(path)
    name, password = path.read_text().split()
    assert User.objects.get(username=name, is_superuser=True).check_password(password)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_password_that_holds_stays_written(db: None, tmp_path: Path) -> None:
    path = tmp_path / "sign_in"
    ensure_sign_in(path)
    before = path.read_text()
    ensure_sign_in(path)
    assert path.read_text() == before


def test_changed_password_is_no_longer_shown(db: None, tmp_path: Path) -> None:
    path = tmp_path / "sign_in"
    ensure_sign_in(path)
    user = User.objects.get()
    user.set_password("something else")
    user.save()
    ensure_sign_in(path)
    assert not path.exists()


def test_unwritable_password_makes_no_administrator(db: None, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        ensure_sign_in(tmp_path / "file" / "sign_in")
    assert not User.objects.exists()


def test_static_files_are_collected_when_they_change(static_root: Path) -> None:
    assert collect_changed()
    assert (static_root / "admin").is_dir()
    assert not collect_changed()
    (static_root / ".collected").write_text("of an older version")
    assert collect_changed()


def test_prepare_may_run_twice(db: None, static_root: Path, settings: Settings) -> None:
    settings.VAR = static_root.parent
    for _ in range(2):
        call_command("prepare", stdout=StringIO())
    assert User.objects.filter(is_superuser=True).count() == 1


def test_owed_migrations_are_made(
    db: None, static_root: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR = static_root.parent
    monkeypatch.setattr(prepare, "owed_migrations", lambda: 1)
    out = StringIO()
    call_command("prepare", stdout=out)
    assert "Migrating the database: 1 steps" in out.getvalue()


def test_database_that_is_away_is_named(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused\nmore of it")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "ensure_connection", away)
        with pytest.raises(CommandError, match=r"does not answer: connection refused\. Check"):
            call_command("prepare")


def test_old_server_is_refused(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "POSTGRES_OLDEST", 990_000)
    with pytest.raises(CommandError, match="older than PostgreSQL 15"):
        call_command("prepare")
