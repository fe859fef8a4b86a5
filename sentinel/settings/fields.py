"""The settings: one row for each, that loading, checking, `config show` and the reference are made from."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sentinel.language import LANGUAGES, later
from sentinel.settings import checks
from sentinel.settings.kinds import FILE, FOLDER, FOLDERS, LISTS, NUMBER, TABLE, TEXT, WORDS, Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PREFIX: Final = "SENTINEL_"


@dataclass(frozen=True, slots=True)
class Platform:
    """The folders that depend on the operating system, its user and environment."""

    user_config: Path
    site_config: Path
    user_cache: Path
    user_data: Path


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
        checks.one_of("", *LANGUAGES),
        variable="SENTINEL_LANG",
        flag="--lang",
    ),
    Field(
        "timezone",
        TEXT,
        lambda _platform: "Asia/Ho_Chi_Minh",
        '"Asia/Ho_Chi_Minh"',
        later("Time zone (IANA name, such as UTC or Asia/Tokyo) in which times are shown; they are stored in UTC."),
        checks.zone,
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
        checks.zone_or_none,
        flag="--log-timezone",
    ),
    Field(
        "color",
        TEXT,
        lambda _platform: "auto",
        '"auto"',
        later("Colours: auto (on a terminal), always or never."),
        checks.one_of("auto", "always", "never"),
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
        "pki",
        FOLDER,
        lambda platform: platform.user_data / "pki",
        later("`pki` in the user's data folder"),
        later("Folder of the certificate authorities: their register, and what `sentinel pki serve` gives out."),
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
        checks.pattern,
        flag="--agency-codes",
    ),
    Field(
        "processes",
        NUMBER,
        lambda _platform: 0,
        "0",
        later("How many processes read input at the same time; 0 for one per core."),
        checks.not_negative,
    ),
    Field(
        "deadlines",
        TABLE,
        lambda _platform: {},
        '{ critical = "15m/4h", high = "1h/1d", medium = "8h/7d", low = "3d/30d" }',
        later("By level, how long it may take until an alert is acknowledged, and closed; - for as long as it takes."),
        checks.deadlines,
        flag="--deadlines",
    ),
    Field(
        "reopen",
        WORDS,
        lambda _platform: ("true_positive",),
        '["true_positive"]',
        later("A new hit opens an alert again that was closed for one of these reasons; for another it is counted."),
        checks.reasons,
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
        checks.span,
        flag="--story-window",
    ),
)
BY_NAME: Final = MappingProxyType({field.name: field for field in FIELDS})
