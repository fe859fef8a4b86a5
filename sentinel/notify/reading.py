"""notify.toml: where news of alerts goes, which and when.

    [[channel]]
    name = "trực-ban"                       # what commands call it
    type = "mail"                           # webhook, mail or syslog
    host = "mail.gov.example"
    from = "sentinel@gov.example"
    to = ["truc.ban@gov.example"]
    user = "sentinel"
    password_file = "mail.password"         # a file that only its owner may read
    level = "high"                          # this grave, or graver
    quiet = ["22:00-06:00", "sat,sun 00:00-24:00"]

Files are relative to the folder of notify.toml. docs/reference/notify.md names every key.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.model import toml
from sentinel.notify.channels import Channel
from sentinel.notify.keys import COMMON, TARGETS, Keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

_NAME: Final = re.compile(r"[^\W_][\w.-]{0,63}")


def read(path: Path, language: str, zone: ZoneInfo) -> tuple[list[Channel], list[InputError]]:
    """Give the channels of a file, and what is wrong in it; of each channel the first fault is told.

    `language` and `zone` are those of channels that name none. Raise InputError where it cannot be read or is not TOML.
    """
    text, found = _content(path)
    lines = toml.lines_of_tables(text, "channel")
    faults = [InputError(_unknown(name), place=f"{path}:1", hint="[[channel]]") for name in found if name != "channel"]
    channels: dict[str, Channel] = {}
    tables = found.get("channel", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError(_("channels are tables that begin with [[channel]]"), place=f"{path}:1")
    for index, table in enumerate(tables):
        where = lines[index] if index < len(lines) else {"": 1}
        try:
            channel = _channel(Keys(table, path, where), language, zone)
            _add(channel, channels)
        except InputError as fault:
            faults.append(fault)
    return [*channels.values()], faults


def _add(channel: Channel, channels: dict[str, Channel]) -> None:
    if channels.setdefault(channel.name.casefold(), channel) is not channel:
        raise InputError(_("two channels are called '{name}'").format(name=channel.name), place=channel.place)


def channels_of(path: Path, language: str, zone: ZoneInfo) -> list[Channel]:
    """Give the channels of a file, one at least; raise InputError for the first fault there is."""
    channels, faults = read(path, language, zone)
    if faults:
        raise faults[0]
    if not channels:
        raise InputError(_("no channel is described"), place=str(path), hint=_("one begins with [[channel]]"))
    return channels


def named(channels: list[Channel], name: str) -> Channel:
    """Give the channel of a name; raise InputError where there is none."""
    folded = unicodedata.normalize("NFC", name).casefold()
    for channel in channels:
        if channel.name.casefold() == folded:
            return channel
    raise InputError(
        _("no channel is called so"),
        place=name,
        hint=_("channels: {names}").format(names=", ".join(channel.name for channel in channels)),
    )


def _content(path: Path) -> tuple[str, Mapping[str, Any]]:
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise InputError(
            _("no channel is described: there is no such file"),
            place=str(path),
            hint=_("docs/howto/notify.md shows how to write one; the setting `notify` names another"),
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(_("cannot be read: {reason}").format(reason=error), place=str(path)) from None
    return text, toml.read(text, str(path))


def _channel(keys: Keys, language: str, zone: ZoneInfo) -> Channel:
    name = unicodedata.normalize("NFC", keys.text("name")).strip()
    if not _NAME.fullmatch(name):
        raise keys.fault("name", _("'{name}' cannot be a name").format(name=name), _("letters, digits, dots, dashes"))
    known, make = TARGETS[keys.one_of("type", TARGETS)]
    keys.check({*COMMON, *known})
    return Channel(name, make(keys), keys.rules(), keys.language(language), keys.zone(zone), keys.place(""))


def _unknown(name: str) -> str:
    return _("unknown key '{name}'").format(name=name)
