"""Settings as an installation sets them, each tried in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process of an installation: nothing of ours or of the tests' own in its environment."""
    plain = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("SUPPLYCHAIN_") and key != "DJANGO_ALLOW_ASYNC_UNSAFE"
    }
    environment = {**plain, "DJANGO_SETTINGS_MODULE": "supplychain.settings", **variables}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )


def setting(name: str, **variables: str) -> str:
    code = f"from django.conf import settings; print(settings.{name})"
    done = manage("shell", "-v0", "-c", code, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_deployment_check_is_clean_behind_tls(tmp_path: Path) -> None:
    secret = "".join(chr(33 + number * 7 % 90) for number in range(80))
    done = manage(
        "check", "--deploy", "--fail-level", "WARNING",
        SUPPLYCHAIN_HTTPS="1", SUPPLYCHAIN_SECRET_KEY=secret, SUPPLYCHAIN_VAR=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_there_is_no_default_secret(tmp_path: Path) -> None:
    done = manage("check", SUPPLYCHAIN_VAR=str(tmp_path))
    assert done.returncode != 0
    assert "There is no secret key" in done.stderr


def test_broker_is_a_folder_unless_named(tmp_path: Path) -> None:
    here = {"SUPPLYCHAIN_SECRET_KEY": "x", "SUPPLYCHAIN_VAR": str(tmp_path)}
    options = setting("CELERY_BROKER_TRANSPORT_OPTIONS", **here)
    assert str(tmp_path / "broker" / "messages") in options
    url = setting("CELERY_BROKER_URL", CELERY_BROKER_URL="redis://localhost/1", **here)
    assert url == "redis://localhost/1"


def test_files_go_to_object_storage_when_a_bucket_is_named(tmp_path: Path) -> None:
    found = setting(
        "STORAGES['default']", SUPPLYCHAIN_S3_BUCKET="lots", SUPPLYCHAIN_SECRET_KEY="x",
        SUPPLYCHAIN_S3_ENDPOINT="https://objects.example", SUPPLYCHAIN_VAR=str(tmp_path),
    )  # fmt: skip
    assert "S3Storage" in found
    assert "https://objects.example" in found


def test_statements_of_pages_are_bounded(tmp_path: Path) -> None:
    found = setting(
        "DATABASES['default']['OPTIONS']", SUPPLYCHAIN_STATEMENT_SECONDS="30",
        SUPPLYCHAIN_SECRET_KEY="x", SUPPLYCHAIN_VAR=str(tmp_path),
    )  # fmt: skip
    assert "statement_timeout=30s" in found


def test_flag_that_is_none_is_named(tmp_path: Path) -> None:
    done = manage("check", SUPPLYCHAIN_HTTPS="perhaps", SUPPLYCHAIN_VAR=str(tmp_path))
    assert "SUPPLYCHAIN_HTTPS must be 1 or 0" in done.stderr
