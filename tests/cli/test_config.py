"""`sentinel config show`: the settings and where they come from."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

from sentinel import settings
from sentinel.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "site"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_shown_is_a_settings_file(here: Path, capsys: Capture) -> None:
    (here / "sentinel.toml").write_text('rules = ["mine"]\nprocesses = 2\n')
    assert 0 == main(["config", "show"])
    assert {
        "language": "",
        "timezone": "Asia/Ho_Chi_Minh",
        "log_timezone": "",
        "color": "auto",
        "rules": [str(here / "mine")],
        "cache": str(here / "cache" / "sentinel"),
        "store": str(here / "data" / "sentinel" / "store"),
        "estate": str(here / "config" / "sentinel" / "estate"),
        "agency_codes": "",
        "pki": str(here / "data" / "sentinel" / "pki"),
        "people": str(here / "config" / "sentinel" / "people.toml"),
        "notify": str(here / "config" / "sentinel" / "notify.toml"),
        "processes": 2,
        "deadlines": {},
        "reopen": ["true_positive"],
        "fingerprints": {},
        "story_window": "12h",
    } == tomllib.loads(capsys.readouterr().out)


def test_origins_are_shown_beside_the_values(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("SENTINEL_PROCESSES", "2")
    (here / "sentinel.toml").write_text("\ntimezone = 'UTC'\n")
    assert 0 == main(["--color", "never", "config", "show", "--origin"])
    lines = capsys.readouterr().out.splitlines()
    origins = {line.partition(" = ")[0]: line.rpartition("  # ")[2] for line in lines}
    assert {
        "language": "default",
        "timezone": f"{here / 'sentinel.toml'}:2",
        "log_timezone": "default",
        "color": "--color",
        "rules": "default",
        "cache": "default",
        "store": "default",
        "estate": "default",
        "agency_codes": "default",
        "pki": "default",
        "people": "default",
        "notify": "default",
        "processes": "SENTINEL_PROCESSES",
        "deadlines": "default",
        "reopen": "default",
        "fingerprints": "default",
        "story_window": "default",
    } == origins


def test_json_carries_values_and_where_asked_origins(capsys: Capture) -> None:
    assert 0 == main(["config", "show", "--json"])
    values = json.loads(capsys.readouterr().out)
    assert [field.name for field in settings.FIELDS] == list(values)
    assert 0 == main(["config", "show", "--json", "--origin"])
    assert {"value": values["timezone"], "origin": "default"} == json.loads(capsys.readouterr().out)["timezone"]
