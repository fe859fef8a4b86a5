"""Settings: sentinel.toml and SENTINEL_* in, one frozen Settings out.

A value comes from the first place that gives it: a flag of the command line, its `SENTINEL_*` variable,
`./sentinel.toml`, the user's `sentinel.toml`, the machine's, the default. Every value remembers its origin.
Folders and files are relative to the file that names them, or else to the working directory.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import SettingsError
from sentinel.language import LANGUAGES, _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

FILE_NAME: Final = "sentinel.toml"
PREFIX: Final = "SENTINEL_"


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
class Platform:
    """The folders that depend on the operating system, its user and environment."""

    user_config: Path
    site_config: Path
    user_cache: Path
    user_data: Path


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be: how messages call it, how text becomes one, whether a TOML value is one, its final form."""

    label: str
    parse: Callable[[str], object]
    accepts: Callable[[object], bool]
    final: Callable[[Any, Path], object] = lambda value, _base: value


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: the row that loading, checking, `config show` and the reference are made from.

    `check` gives what is wrong with a value, or "". `default` is computed from the platform's folders.
    """

    name: str
    kind: Kind
    default: Callable[[Platform], object]
    shown_default: str
    description: str
    check: Callable[[Any], str] = lambda _value: ""
    variable: str = ""
    flag: str = ""

    @property
    def environment(self) -> str:
        """Give the environment variable that sets it."""
        return self.variable or PREFIX + self.name.upper()

    @property
    def option(self) -> str:
        """Give the flag that sets it."""
        return self.flag or f"--{self.name}"


def _whole(text: str) -> object:
    return int(text) if re.fullmatch(r"[+-]?\d{1,9}", text.strip()) else text


def _texts(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, (str, Path)) and str(item) for item in value)


def _folder(value: object, base: Path) -> Path:
    return base / Path(str(value)).expanduser()


def _folders(values: Iterable[object], base: Path) -> tuple[Path, ...]:
    return tuple(_folder(value, base) for value in values)


TEXT = Kind(later("text"), str, lambda value: isinstance(value, str))
NUMBER = Kind(later("a whole number"), _whole, lambda value: type(value) is int)
FOLDER = Kind(later("a folder"), str, lambda value: isinstance(value, (str, Path)) and bool(str(value)), _folder)
FILE = Kind(later("a file"), FOLDER.parse, FOLDER.accepts, _folder)
FOLDERS = Kind(
    later("a list of folders"), lambda text: [part for part in text.split(os.pathsep) if part], _texts, _folders
)


def _named(text: str) -> object:
    """Read `name=value,name=value`."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    return {name.strip(): value.strip() for name, sign, value in pairs if sign} if all(p[1] for p in pairs) else text


def _is_of_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _is_of_lists(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) or _is_list(each) for each in value.values())


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) and each for each in value)


def _lists(value: dict[str, Any], _base: Path) -> dict[str, tuple[str, ...]]:
    return {name: tuple(each.split() if isinstance(each, str) else each) for name, each in value.items()}


WORDS = Kind(
    later("a list of words"),
    lambda text: [part.strip() for part in text.split(",") if part.strip()],
    _is_list,
    lambda value, _base: tuple(value),
)
TABLE = Kind(later("a table of texts"), _named, _is_of_texts, lambda value, _base: dict(value))
LISTS = Kind(later("a table of lists of words"), _named, _is_of_lists, _lists)


def _one_of(*choices: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        shown = ", ".join(choice or '""' for choice in choices)
        return "" if value in choices else _("must be one of {choices}").format(choices=shown)

    return check


def _zone(value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):  # unknown (ZoneInfoNotFoundError), a folder, a path
        return _("is no time zone")
    return ""


def _zone_or_none(value: str) -> str:
    return _zone(value) if value else ""


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        return _("is no regular expression ({reason})").format(reason=error)
    return ""


def _deadlines(value: dict[str, str]) -> str:
    from sentinel.model.duration import is_duration
    from sentinel.model.severity import Level

    levels = [level.label for level in Level]
    for level, text in value.items():
        if level not in levels:
            return _("names '{name}', which is no level").format(name=level)
        parts = text.split("/")
        if len(parts) != _DEADLINES or not all(part.strip() in {"", "-"} or is_duration(part) for part in parts):
            return _("needs two spans of time such as 15m/4h for {level}").format(level=level)
    return ""


_DEADLINES: Final = 2


def _reasons(value: tuple[str, ...]) -> str:
    from sentinel.model.alert import Reason

    known = [reason.value for reason in Reason]
    wrong = [each for each in value if each not in known]
    return _("must be some of {choices}").format(choices=", ".join(known)) if wrong else ""


def _span(value: str) -> str:
    from sentinel.model.duration import is_duration

    return "" if is_duration(value) else _("must be a span of time such as 90m, 12h or 7d")


def _not_negative(value: int) -> str:
    return "" if value >= 0 else _("must not be negative")


def _people(platform: Platform) -> Path:
    """Give the machine's people.toml where there is one: who may act is not for each user to say."""
    site = platform.site_config / "people.toml"
    return site if site.exists() else platform.user_config / "people.toml"


def _notify(platform: Platform) -> Path:
    """Give the machine's notify.toml where there is one, else the user's."""
    site = platform.site_config / "notify.toml"
    return site if site.exists() else platform.user_config / "notify.toml"


FIELDS: Final = (
    Field(
        "language",
        TEXT,
        lambda _platform: "",
        '""',
        later('Language of all texts: en, vi, or "" for that of the locale.'),
        _one_of("", *LANGUAGES),
        variable="SENTINEL_LANG",
        flag="--lang",
    ),
    Field(
        "timezone",
        TEXT,
        lambda _platform: "Asia/Ho_Chi_Minh",
        '"Asia/Ho_Chi_Minh"',
        later("Time zone (IANA name, such as UTC or Asia/Tokyo) in which times are shown; they are stored in UTC."),
        _zone,
    ),
    Field(
        "log_timezone",
        TEXT,
        lambda _platform: "",
        '""',
        later(
            'Time zone of log times that name none, such as UTC; "" for `timezone`. '
            "What a format lays down goes before it."
        ),
        _zone_or_none,
        flag="--log-timezone",
    ),
    Field(
        "color",
        TEXT,
        lambda _platform: "auto",
        '"auto"',
        later("Colours: auto (on a terminal), always or never."),
        _one_of("auto", "always", "never"),
    ),
    Field(
        "rules",
        FOLDERS,
        lambda _platform: (),
        "[]",
        later("Folders or files with rules of your own, read before those shipped."),
    ),
    Field(
        "cache",
        FOLDER,
        lambda platform: platform.user_cache,
        later("the user's cache folder"),
        later("Folder for what can be computed again, such as compiled rules."),
    ),
    Field(
        "store",
        FOLDER,
        lambda platform: platform.user_data / "store",
        later("`store` in the user's data folder"),
        later("Folder of the store: where `ingest` keeps events, and `search` and `hunt` look for them."),
    ),
    Field(
        "people",
        FILE,
        _people,
        later("`people.toml` in the machine's settings folder where it is there, else in the user's"),
        later("File with the people who may act, their roles and keys; `sentinel people` writes it."),
    ),
    Field(
        "notify",
        FILE,
        _notify,
        later("`notify.toml` in the machine's settings folder where it is there, else in the user's"),
        later("File with the channels (web hooks, mail, syslog) that `sentinel notify` tells of alerts."),
    ),
    Field(
        "estate",
        FOLDER,
        lambda platform: platform.user_config / "estate",
        later("`estate` in the user's configuration folder; where it is not there, the practice estate shipped"),
        later("Folder of the estate: the shared platforms and agencies that events are about."),
    ),
    Field(
        "agency_codes",
        TEXT,
        lambda _platform: "",
        '""',
        later(
            "Pattern (regular expression) that identifier codes of agencies must fit; "
            '"" for those of Decision 20/2020/QĐ-TTg and QCVN 102:2016, in either order.'
        ),
        _pattern,
        flag="--agency-codes",
    ),
    Field(
        "processes",
        NUMBER,
        lambda _platform: 0,
        "0",
        later("How many processes read input at the same time; 0 for one per core."),
        _not_negative,
    ),
    Field(
        "deadlines",
        TABLE,
        lambda _platform: {},
        '{ critical = "15m/4h", high = "1h/1d", medium = "8h/7d", low = "3d/30d" }',
        later("By level, how long it may take until an alert is acknowledged, and closed; - for as long as it takes."),
        _deadlines,
        flag="--deadlines",
    ),
    Field(
        "reopen",
        WORDS,
        lambda _platform: ("true_positive",),
        '["true_positive"]',
        later("A new hit opens an alert again that was closed for one of these reasons; for another it is counted."),
        _reasons,
    ),
    Field(
        "fingerprints",
        LISTS,
        lambda _platform: {},
        "{}",
        later("By the id of a rule, the fields in which its hits agree to be one alert; else host, user and source."),
    ),
    Field(
        "story_window",
        TEXT,
        lambda _platform: "12h",
        '"12h"',
        later("How far apart in time alerts of one story may be, such as 12h."),
        _span,
        flag="--story-window",
    ),
)
BY_NAME: Final = MappingProxyType({field.name: field for field in FIELDS})


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
    for name, value in _toml(text, path).items():
        place = f"{path}:{_line_of(name, text)}"
        yield _Given(_field(name, place), value, place, path.parent)


def _toml(text: str, path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        number = line[1] if line else text.count("\n") + 1
        raise SettingsError(_("not TOML: {reason}").format(reason=error), place=f"{path}:{number}") from error


def _line_of(name: str, text: str) -> int:
    """Give the line (from 1) on which a top-level name stands."""
    written = re.compile(rf"""\s*\[*\s*["']?{re.escape(name)}["']?\s*[=.\]]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if written.match(line)), 1)


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
