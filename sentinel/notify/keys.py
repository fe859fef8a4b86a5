"""The keys of a channel in notify.toml, each read as what it must be."""

from __future__ import annotations

import re
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sentinel.crypto.key_files import secret_of
from sentinel.errors import InputError
from sentinel.language import LANGUAGES, _
from sentinel.model.duration import is_duration, nanoseconds_of
from sentinel.model.severity import Level
from sentinel.notify.channels import DAYS, SECOND, Event, Mail, Quiet, Rules, Syslog, Transport, Webhook
from sentinel.notify.web import proxy_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from sentinel.notify.channels import Target

COMMON: Final = (
    "name", "type", "language", "timezone", "level", "rank", "platforms", "agencies", "on", "due_soon", "urgent",
    "group_within", "messages", "every", "quiet", "ca_file", "timeout",
)  # fmt: skip
NEVER: Final = "never"
NONE: Final = "none"
_ADDRESS: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_HOST: Final = re.compile(r"[^\s/@]+")
_QUIET: Final = re.compile(r"(?:([a-z,\s-]+?)\s+)?(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")
_DAY_MINUTES: Final = 24 * 60
_LONGEST_QUIET: Final = 100
_LONGEST_WAIT: Final = 120 * SECOND
_MOST_RANK, _MOST_MESSAGES, _MOST_PORT, _MOST_FACILITY = 100, 1000, 65535, 23


class Keys:
    """One table of the file: its values, and where each of its keys stands."""

    def __init__(self, table: Mapping[str, Any], path: Path, lines: Mapping[str, int]) -> None:
        self._table, self._path, self._lines = table, path, lines

    def place(self, name: str) -> str:
        """Give where a key stands, as `path:line`; one that is not there stands where the table begins."""
        return f"{self._path}:{self._lines.get(name) or self._lines['']}"

    def fault(self, name: str, message: str, hint: str = "") -> InputError:
        """Give the error about a key."""
        return InputError(f"{name}: {message}", place=self.place(name), hint=hint)

    def check(self, known: Iterable[str]) -> None:
        """Raise InputError for a key that is none."""
        known = sorted(known)
        for name in self._table:
            if name not in known:
                like = get_close_matches(name, known, n=1)
                hint = _("did you mean '{name}'?").format(name=like[0]) if like else ", ".join(known)
                raise InputError(_("unknown key '{name}'").format(name=name), place=self.place(name), hint=hint)

    def text(self, name: str, default: str | None = None) -> str:
        """Give a text; one without a default must be there."""
        value = self._table.get(name, default)
        if value is None:
            raise self.fault(name, _("is missing"))
        if not isinstance(value, str) or not (value.strip() or value == default):
            raise self.fault(name, _("must be a text"))
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a list of texts, empty where it is not there."""
        value = self._table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise self.fault(name, _("must be a list of texts"))
        return tuple(value)

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Give a whole number between two."""
        value = self._table.get(name, default)
        if type(value) is not int or not least <= value <= most:
            raise self.fault(name, _("must be a whole number, {least} to {most}").format(least=least, most=most))
        return value

    def span(self, name: str, default: str) -> int:
        """Give a span of time in nanoseconds."""
        value = self.text(name, default)
        if not is_duration(value):
            raise self.fault(name, _("must be a span of time such as 30s, 5m or 1h"))
        return nanoseconds_of(value)

    def one_of(self, name: str, choices: Iterable[str], default: str | None = None) -> str:
        """Give one of several words."""
        value, names = self.text(name, default), [str(each) for each in choices]
        if value not in names:
            like = get_close_matches(value, names, n=1)
            hint = _("did you mean '{name}'?").format(name=like[0]) if like else ""
            raise self.fault(name, _("must be one of {choices}").format(choices=", ".join(names)), hint)
        return value

    def file(self, name: str) -> Path | None:
        """Give a path, relative to the folder of the file; None where it is not there."""
        from pathlib import Path

        if name not in self._table:
            return None
        text = self.text(name)
        if text.isprintable():
            with suppress(RuntimeError):  # `~name` of nobody
                return self._path.parent / Path(text).expanduser()
        raise self.fault(name, _("is no path of a file"))

    def language(self, default: str) -> str:
        """Give the language of texts."""
        return self.one_of("language", LANGUAGES, default)

    def zone(self, default: ZoneInfo) -> ZoneInfo:
        """Give the zone of times."""
        from zoneinfo import ZoneInfo

        try:
            return ZoneInfo(self.text("timezone")) if "timezone" in self._table else default
        except (KeyError, OSError, ValueError):
            raise self.fault("timezone", _("is no time zone")) from None

    def rules(self) -> Rules:
        """Give what is told, and when."""
        levels, on = [level.label for level in Level], self.texts("on") or (Event.NEW.value, Event.REOPENED.value)
        if wrong := [each for each in on if each not in list(Event)]:
            choices = ", ".join(Event)
            raise self.fault("on", _("'{name}' is none of {choices}").format(name=wrong[0], choices=choices))
        urgent = self.one_of("urgent", [*levels, NEVER], Level.CRITICAL.label)
        return Rules(
            Level[self.one_of("level", levels, Level.HIGH.label).upper()],
            self.number("rank", 0, 0, _MOST_RANK),
            self.texts("platforms"),
            self.texts("agencies"),
            frozenset(Event(each) for each in on),
            self.span("due_soon", "30m"),
            None if urgent == NEVER else Level[urgent.upper()],
            self.span("group_within", "5m"),
            self.number("messages", 10, 1, _MOST_MESSAGES),
            self.span("every", "1h"),
            tuple(self._quiet(text) for text in self.texts("quiet")),
        )

    def timeout(self) -> int:
        """Give how long to wait for an answer, nanoseconds."""
        value = self.span("timeout", "10s")
        if not 0 < value <= _LONGEST_WAIT:
            raise self.fault("timeout", _("must be two minutes at most"))
        return value

    def proxy(self) -> str | None:
        """Give the address of a proxy, "" for `none`; None where it is not there."""
        if "proxy" not in self._table:
            return None
        value = self.text("proxy").strip()
        if value == NONE:
            return ""
        try:
            parts = proxy_of(value)
        except InputError as error:
            raise self.fault("proxy", error.message, "http://proxy.gov.example:3128") from None
        if parts.username is not None:
            hint = _("write it into the environment: HTTPS_PROXY=http://user:password@host:port")
            raise self.fault("proxy", _("must hold no user and password"), hint)
        return value

    def host(self) -> str:
        """Give the name or address of a server."""
        value = self.text("host")
        if not _HOST.fullmatch(value):
            raise self.fault("host", _("must be a name or an address"))
        return value

    def addresses(self, name: str) -> tuple[str, ...]:
        """Give mail addresses, one at least."""
        found = self.texts(name) if isinstance(self._table.get(name), list) else (self.text(name),)
        wrong = next((each for each in found if not _ADDRESS.fullmatch(each)), None)
        if wrong is not None or not found:
            raise self.fault(name, _("'{text}' is no mail address").format(text=wrong or ""))
        return found

    def _quiet(self, text: str) -> Quiet:
        found = _QUIET.fullmatch(text.strip().lower()) if len(text) <= _LONGEST_QUIET else None
        days = _days(found[1] or "") if found else None
        if found and days:
            begin, end = int(found[2]) * 60 + int(found[3]), int(found[4]) * 60 + int(found[5])
            if begin < _DAY_MINUTES and 0 <= end <= _DAY_MINUTES and begin != end:
                return Quiet(begin, end, days)
        raise self.fault("quiet", _("'{text}' is no span of the day").format(text=text), "mon-fri 22:00-06:00")


def _days(text: str) -> frozenset[int] | None:
    """Give the days that are named, all where none is; None where one is no day."""
    days: set[int] = set()
    for part in text.replace(" ", "").split(",") if text else ["mon-sun"]:
        first, _dash, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            return None
        begin, end = DAYS.index(first), DAYS.index(last or first)
        days.update(day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))
    return frozenset(days)


def _webhook(keys: Keys) -> Webhook:
    file = keys.file("url_file")
    url = secret_of(file).decode("utf-8", "replace").strip() if file else keys.text("url").strip()
    name = "url_file" if file else "url"
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_right = False
    if not is_right or not url.isprintable() or " " in url:
        raise keys.fault(name, _("is no address of the web"), "https://chat.gov.example/hooks/…")
    if parts.username or parts.password:
        raise keys.fault(name, _("must hold no user and password"), _("a secret belongs into `url_file`"))
    return Webhook(url, keys.file("secret_file"), keys.file("ca_file"), keys.timeout(), keys.proxy())


def _mail(keys: Keys) -> Mail:
    is_implicit = keys.one_of("tls", ["starttls", "implicit"], "starttls") == "implicit"
    port = keys.number("port", 465 if is_implicit else 587, 1, _MOST_PORT)
    sender, to = keys.addresses("from"), keys.addresses("to")
    user, file = keys.text("user", ""), keys.file("password_file")
    if bool(user) != bool(file):
        raise keys.fault("password_file" if file else "user", _("user and password_file go together"))
    return Mail(keys.host(), port, sender[0], to, is_implicit, user, file, keys.file("ca_file"), keys.timeout())


def _syslog(keys: Keys) -> Syslog:
    transport = Transport(keys.one_of("transport", Transport, Transport.TLS.value))
    port = keys.number("port", 6514 if transport is Transport.TLS else 514, 1, _MOST_PORT)
    facility = keys.number("facility", 16, 0, _MOST_FACILITY)
    return Syslog(keys.host(), port, transport, facility, keys.file("ca_file"), keys.timeout())


TARGETS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Keys], Target]]]] = {
    "webhook": (("url", "url_file", "secret_file", "proxy"), _webhook),
    "mail": (("host", "port", "tls", "from", "to", "user", "password_file"), _mail),
    "syslog": (("host", "port", "transport", "facility"), _syslog),
}
"""Each type of channel: the keys of its own, and what reads them."""
