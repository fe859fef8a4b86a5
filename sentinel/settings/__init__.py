"""Settings: sentinel.toml and SENTINEL_* in, one frozen Settings out.

A value comes from the first place that gives it: a flag of the command line, its `SENTINEL_*` variable,
`./sentinel.toml`, the user's `sentinel.toml`, the machine's, the default. Every value remembers its origin.
Folders and files are relative to the file that names them, or else to the working directory.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError, SettingsError
from sentinel.language import _, later
from sentinel.settings.fields import BY_NAME, FIELDS, PREFIX, Field, Platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["BY_NAME", "FIELDS", "Field", "Platform", "Settings", "files", "load", "the_platform"]

FILE_NAME: Final = "sentinel.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of one run; `origins` says where each value comes from (`--lang`, `SENTINEL_LANG`, `path:line`)."""

    language: str
    timezone: str
    log_timezone: str
    color: str
    rules: tuple[Path, ...]
    cache: Path
    store: Path
    pki: Path
    estate: Path
    agency_codes: str
    people: Path
    notify: Path
    processes: int
    deadlines: Mapping[str, str]
    reopen: tuple[str, ...]
    fingerprints: Mapping[str, tuple[str, ...]]
    story_window: str
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class _Given:
    """A value as one place gives it; relative folders start at `base`."""

    field: Field
    value: object
    origin: str
    base: Path


def load(
    flags: Mapping[str, object] = MappingProxyType({}),
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    platform: Platform | None = None,
) -> Settings:
    """Give the settings of a run; flags that are None were not given.

    Raise SettingsError, with the place as `path:line`, flag or variable, for an unknown name, a value of the wrong kind
    or a file that is not TOML.
    """
    environ = os.environ if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    platform = platform or the_platform()
    # Lowest first; what comes later wins. Every place is checked, also where another one overrides it.
    places = (
        *(_from_file(path) for path in files(cwd, platform)),
        _from_environment(environ, cwd),
        _from_flags(flags, cwd),
    )
    values = {field.name: field.default(platform) for field in FIELDS}
    origins = dict.fromkeys(values, later("default"))
    for given in (given for place in places for given in place):
        values[given.field.name] = _checked(given)
        origins[given.field.name] = given.origin
    return Settings(**values, origins=MappingProxyType(origins))  # type: ignore[arg-type] # _checked saw to the kinds


def files(cwd: Path, platform: Platform) -> tuple[Path, ...]:
    """Give the files that are read, the lowest in rank first."""
    return platform.site_config / FILE_NAME, platform.user_config / FILE_NAME, cwd / FILE_NAME


def the_platform() -> Platform:
    """Give the folders of this machine and user."""
    import platformdirs

    return Platform(
        platformdirs.user_config_path("sentinel"),
        platformdirs.site_config_path("sentinel"),
        platformdirs.user_cache_path("sentinel"),
        platformdirs.user_data_path("sentinel"),
    )


def _from_file(path: Path) -> Iterator[_Given]:
    try:
        text = path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(_("cannot be read: {reason}").format(reason=error), place=str(path)) from error
    from sentinel.model import toml

    try:
        values = toml.read(text, str(path))
    except InputError as error:
        raise SettingsError(error.message, place=error.place) from error
    lines = toml.lines_of(text)
    for name, value in values.items():
        place = f"{path}:{lines.get(name, 1)}"
        yield _Given(_field(name, place), value, place, path.parent)


def _from_environment(environ: Mapping[str, str], cwd: Path) -> Iterator[_Given]:
    by_variable = {field.environment: field for field in FIELDS}
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        if variable in by_variable:
            field = by_variable[variable]
            yield _Given(field, field.kind.parse(environ[variable]), variable, cwd)
        elif similar := _similar(variable.removeprefix(PREFIX), [name.removeprefix(PREFIX) for name in by_variable]):
            # Other programs' variables may begin with SENTINEL_ too: only what looks like a slip is an error.
            raise _unknown(variable, variable, PREFIX + similar)


def _from_flags(flags: Mapping[str, object], cwd: Path) -> Iterator[_Given]:
    for name, value in flags.items():
        if value is not None:
            field = _field(name, f"--{name}")
            yield _Given(field, value, field.option, cwd)


def _field(name: str, place: str) -> Field:
    if name not in BY_NAME:
        raise _unknown(name, place, _similar(name, BY_NAME))
    return BY_NAME[name]


def _unknown(name: str, place: str, similar: str) -> SettingsError:
    likely = _("did you mean '{name}'?").format(name=similar)
    every = _("settings: {names}").format(names=", ".join(BY_NAME))
    return SettingsError(
        _("unknown setting '{name}'").format(name=name), place=place, hint=likely if similar else every
    )


def _similar(name: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, names, n=1, cutoff=0.75)), "")


def _checked(given: _Given) -> object:
    """Give the value in its final form; raise SettingsError where it is of the wrong kind or not allowed."""
    field, kind = given.field, given.field.kind
    if not kind.accepts(given.value):
        raise SettingsError(
            _("'{name}' must be {kind}, not {value}").format(
                name=field.name, kind=_(kind.label), value=repr(given.value)
            ),
            place=given.origin,
            hint=_(field.description),
        )
    if fault := field.check(given.value):
        raise SettingsError(
            _("'{name}' {fault}: {value}").format(name=field.name, fault=fault, value=repr(given.value)),
            place=given.origin,
            hint=_(field.description),
        )
    return kind.final(given.value, given.base)
