"""Settings: where they come from, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel import settings
from sentinel.errors import SettingsError
from sentinel.settings import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    folders = Platform(tmp_path / "user", tmp_path / "site", tmp_path / "cache", tmp_path / "data")
    folders.user_config.mkdir()
    folders.site_config.mkdir()
    return folders


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def write(folder: Path, text: str) -> Path:
    path = folder / "sentinel.toml"
    path.write_text(text, encoding="utf-8")
    return path


def the_error(here: Path, platform: Platform, environ: Mapping[str, str] | None = None) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        settings.load(environ=environ or {}, cwd=here, platform=platform)
    return caught.value


def test_without_anything_every_value_is_the_default(here: Path, platform: Platform) -> None:
    now = settings.load(environ={}, cwd=here, platform=platform)
    assert ("", "Asia/Ho_Chi_Minh", "auto", (), platform.user_cache, 0) == (
        now.language,
        now.timezone,
        now.color,
        now.rules,
        now.cache,
        now.processes,
    )
    assert {"default"} == set(now.origins.values())


def test_the_higher_place_wins_and_every_value_knows_its_origin(here: Path, platform: Platform) -> None:
    site = write(platform.site_config, "processes = 1\ncolor = 'never'\ntimezone = 'UTC'\ncache = 'site'\n")
    user = write(platform.user_config, "processes = 2\ncolor = 'never'\ntimezone = 'Asia/Tokyo'\n")
    local = write(here, "# ours\nprocesses = 3\ncolor = 'always'\n")
    environ = {"SENTINEL_PROCESSES": "4", "SENTINEL_LANG": "vi"}
    now = settings.load({"processes": 5, "color": None}, environ, here, platform)
    assert (5, "always", "Asia/Tokyo", platform.site_config / "site", "vi") == (
        now.processes,
        now.color,
        now.timezone,
        now.cache,
        now.language,
    )
    assert {
        "processes": "--processes",
        "color": f"{local}:3",
        "timezone": f"{user}:3",
        "log_timezone": "default",
        "store": "default",
        "estate": "default",
        "agency_codes": "default",
        "pki": "default",
        "people": "default",
        "notify": "default",
        "deadlines": "default",
        "reopen": "default",
        "fingerprints": "default",
        "story_window": "default",
        "cache": f"{site}:4",
        "language": "SENTINEL_LANG",
        "rules": "default",
    } == now.origins


def test_who_may_act_is_said_by_the_machine_where_it_says_so(here: Path, platform: Platform) -> None:
    users, machines = platform.user_config / "people.toml", platform.site_config / "people.toml"
    assert users == settings.load(environ={}, cwd=here, platform=platform).people
    machines.touch()
    assert machines == settings.load(environ={}, cwd=here, platform=platform).people


def test_folders_are_relative_to_whoever_names_them(here: Path, platform: Platform) -> None:
    write(platform.user_config, "rules = ['mine', '/all/of/us']\n")
    now = settings.load(environ={"SENTINEL_CACHE": "c"}, cwd=here, platform=platform)
    assert (platform.user_config / "mine", Path("/all/of/us")) == now.rules
    assert here / "c" == now.cache


def test_a_variable_lists_folders_as_path_does(here: Path, platform: Platform) -> None:
    now = settings.load(environ={"SENTINEL_RULES": "a::b"}, cwd=here, platform=platform)
    assert (here / "a", here / "b") == now.rules


def test_a_home_folder_may_be_written_as_a_tilde(here: Path, platform: Platform) -> None:
    now = settings.load({"rules": [Path("~/rules")]}, {}, here, platform)
    assert (Path.home() / "rules",) == now.rules


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("\nproceses = 1", 2, "unknown setting 'proceses'", "did you mean 'processes'?"),
        ("[elsewhere]\nx = 1", 1, "unknown setting 'elsewhere'", "settings: language, timezone, log_timezone, color"),
        ("color = 'auto'\n'processes' = 'two'", 2, "'processes' must be a whole number, not 'two'", "How many"),
        ("processes = true", 1, "'processes' must be a whole number, not True", "How many"),
        ("processes = -1", 1, "'processes' must not be negative: -1", "How many"),
        ("rules = 'one'", 1, "'rules' must be a list of folders, not 'one'", "Folders"),
        ("rules = [1]", 1, "'rules' must be a list of folders, not [1]", "Folders"),
        ("cache = ''", 1, "'cache' must be a folder, not ''", "Folder"),
        ("color = 'blue'", 1, "'color' must be one of auto, always, never: 'blue'", "Colours"),
        ("language = 'fr'", 1, "'language' must be one of \"\", en, vi: 'fr'", "Language"),
        ("timezone = 'Asia/Atlantis'", 1, "'timezone' is no time zone: 'Asia/Atlantis'", "Time zone"),
        ("timezone = '../../etc/passwd'", 1, "'timezone' is no time zone: '../../etc/passwd'", "Time zone"),
        ("timezone = 'Asia'", 1, "'timezone' is no time zone: 'Asia'", "Time zone"),
        ("a = 1\nb = = 2", 2, "not TOML: Invalid value (at line 2, column 5)", ""),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(
    here: Path, platform: Platform, text: str, line: int, message: str, hint: str
) -> None:
    path = write(here, text)
    error = the_error(here, platform)
    assert (f"{path}:{line}", message) == (error.place, error.message)
    assert error.hint.startswith(hint)


def test_a_wrong_value_is_an_error_even_where_it_is_overridden(here: Path, platform: Platform) -> None:
    path = write(platform.site_config, "color = 7")
    write(here, "color = 'auto'")
    assert f"{path}:1" == the_error(here, platform).place


def test_a_file_that_is_not_utf8_is_named(here: Path, platform: Platform) -> None:
    path = here / "sentinel.toml"
    path.write_bytes(b"color = '\xff'")
    error = the_error(here, platform)
    assert str(path) == error.place
    assert error.message.startswith("cannot be read: ")


@pytest.mark.parametrize(
    ("variable", "value", "message", "hint"),
    [
        ("SENTINEL_PROCESES", "1", "unknown setting 'SENTINEL_PROCESES'", "did you mean 'SENTINEL_PROCESSES'?"),
        ("SENTINEL_PROCESSES", "many", "'processes' must be a whole number, not 'many'", "How many"),
        ("SENTINEL_LANG", "fr", "'language' must be one of \"\", en, vi: 'fr'", "Language"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named_with_its_variable(
    here: Path, platform: Platform, variable: str, value: str, message: str, hint: str
) -> None:
    error = the_error(here, platform, {variable: value})
    assert (variable, message) == (error.place, error.message)
    assert error.hint.startswith(hint)


def test_variables_of_other_programs_are_left_alone(here: Path, platform: Platform) -> None:
    environ = {"SENTINEL_SERVICE_HOST": "192.0.2.1", "SENTINEL_SHARED": "/data"}
    assert 0 == settings.load(environ=environ, cwd=here, platform=platform).processes


def test_an_unknown_flag_is_an_error(here: Path, platform: Platform) -> None:
    with pytest.raises(SettingsError, match="unknown setting 'colour'") as caught:
        settings.load({"colour": "auto"}, {}, here, platform)
    assert "did you mean 'color'?" == caught.value.hint


def test_the_settings_of_this_machine_can_be_loaded(here: Path) -> None:
    assert settings.the_platform().user_cache == settings.load(environ={}, cwd=here).cache
