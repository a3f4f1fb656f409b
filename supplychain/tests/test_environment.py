from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from supplychain import environment as env


@pytest.fixture(autouse=True)
def variable(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("SUPPLYCHAIN_TRIED", raising=False)
    return monkeypatch


def test_absent_variables_have_defaults() -> None:
    assert env.text("SUPPLYCHAIN_TRIED", "x") == "x"
    assert env.number("SUPPLYCHAIN_TRIED", 7) == 7
    assert env.flag("SUPPLYCHAIN_TRIED", default=True) is True
    assert env.words("SUPPLYCHAIN_TRIED", "a,b") == ["a", "b"]


@pytest.mark.parametrize(
    ("word", "meaning"), [("1", True), ("Yes", True), ("0", False), ("off", False)]
)
def test_flags_are_read_as_people_write_them(
    variable: pytest.MonkeyPatch, word: str, meaning: bool
) -> None:
    variable.setenv("SUPPLYCHAIN_TRIED", word)
    assert env.flag("SUPPLYCHAIN_TRIED", default=not meaning) is meaning


def test_word_that_is_no_flag_is_refused(variable: pytest.MonkeyPatch) -> None:
    variable.setenv("SUPPLYCHAIN_TRIED", "maybe")
    with pytest.raises(ImproperlyConfigured, match="SUPPLYCHAIN_TRIED must be 1 or 0"):
        env.flag("SUPPLYCHAIN_TRIED")


def test_word_that_is_no_number_is_refused(variable: pytest.MonkeyPatch) -> None:
    variable.setenv("SUPPLYCHAIN_TRIED", "many")
    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env.number("SUPPLYCHAIN_TRIED", 1)


def test_number_is_read(variable: pytest.MonkeyPatch) -> None:
    variable.setenv("SUPPLYCHAIN_TRIED", " 12 ")
    assert env.number("SUPPLYCHAIN_TRIED", 1) == 12


def test_secret_comes_from_variable_file_or_default(
    variable: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    assert env.secret("SUPPLYCHAIN_TRIED", path, "default") == "default"
    path.write_text("from the file\n")
    assert env.secret("SUPPLYCHAIN_TRIED", path, "default") == "from the file"
    variable.setenv("SUPPLYCHAIN_TRIED", "from outside")
    assert env.secret("SUPPLYCHAIN_TRIED", path, "default") == "from outside"
