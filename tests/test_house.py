"""The house rules that linters cannot see."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field

STAIRS = ["lots", "notices", "testing", "quality", "intake", "racks", "finance", "operations"]
PACKAGES = ["supplychain", "simulator", "benchmarks", *STAIRS]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60


def source_files() -> Iterator[Path]:
    for name in PACKAGES:
        for path in sorted((settings.BASE_DIR / name).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def domain_modules() -> list[str]:
    return [
        ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
        for path in source_files()
        if "domain" in path.parts and "tests" not in path.parts and path.name != "__init__.py"
    ]


def relations() -> Iterator[tuple[str, str, str]]:
    """Field, the app it stands in, and the app it points to."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            target = field.related_model
            if isinstance(field, Field) and isinstance(target, type):
                yield str(field), model._meta.app_label, target._meta.app_label


def test_files_fit_in_one_sitting() -> None:
    lengths = {str(path): len(path.read_text().splitlines()) for path in source_files()}
    assert {path: count for path, count in lengths.items() if count > FILE_LINES_MAX} == {}


def test_functions_fit_on_one_screen() -> None:
    long = []
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long.append(f"{path}: {node.name} has {lines} lines")
    assert long == []


def test_foreign_keys_point_down_the_stairs() -> None:
    # "app.Model" strings hide an import from import-linter; the registry cannot be fooled.
    upward = [
        name
        for name, here, there in relations()
        if here in STAIRS and there in STAIRS and STAIRS.index(here) < STAIRS.index(there)
    ]
    assert upward == []


def test_domain_code_loads_without_django() -> None:
    imports = ", ".join(domain_modules())
    code = f"import sys, {imports}; sys.exit(' '.join({{'django', 'celery'}} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.stderr.strip() == ""


def test_simulator_loads_without_django() -> None:
    code = "import sys, simulator.line; sys.exit(' '.join({'django', 'celery'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.stderr.strip() == ""


def test_no_folder_shadows_a_room() -> None:
    assert [path for name in PACKAGES for path in (settings.BASE_DIR / name).rglob("testing")] == []


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0, stdout=StringIO())


def test_every_migration_can_be_undone() -> None:
    stuck = [
        f"{label}.{name}: {step}"
        for (label, name), migration in MigrationLoader(None).disk_migrations.items()
        if label in STAIRS
        for step in migration.operations
        if not step.reversible
    ]
    assert stuck == []


def test_later_migrations_are_named_for_what_they_do() -> None:
    nameless = [
        f"{label}.{name}"
        for label, name in MigrationLoader(None).disk_migrations
        if label in STAIRS and ("_auto_" in name or name.endswith("_and_more"))
    ]
    assert nameless == []
