"""Messages as other programs read them: the JSON of a web hook, CEF in syslog.

The JSON is stable: fields are added, never renamed or removed, while `version` is 1. CEF is version 0 as ArcSight's
"Implementing CEF" writes it, in the frame of RFC 5424; it begins without a byte order mark, which its readers do not
expect, so that to RFC 5424 it is `MSG-ANY`.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sentinel import __version__
from sentinel.model.severity import Level
from sentinel.notify.texts import lines, plain, subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.notify.channels import Channel
    from sentinel.notify.items import Item
    from sentinel.notify.plan import Message

VERSION: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The severity of CEF (0 to 10), and that of syslog (RFC 5424, 6.2.1).
_SEVERITIES: Final[Mapping[Level, tuple[int, int]]] = {
    Level.INFORMATIONAL: (1, 6),
    Level.LOW: (3, 5),
    Level.MEDIUM: (5, 4),
    Level.HIGH: (8, 3),
    Level.CRITICAL: (10, 2),
}
_NOT_PRINTED: Final = re.compile(r"[^!-~]")


def json_of(channel: Channel, message: Message) -> bytes:
    """Give the body of a web hook: docs/reference/notify.md names its fields."""
    group = message.group
    return msgspec.json.encode(
        {
            "version": VERSION,
            "id": message.id,
            "kind": "test" if message.test else "digest" if message.digest else "story",
            "channel": channel.name,
            "time": iso(message.made),
            "subject": subject(channel, message),
            "text": "\n".join(lines(channel, message)),
            "total": group.total,
            "dropped": message.dropped,
            "counts": [_count(name, count) for name, count in sorted(group.tallies.items())],
            "first": iso(group.first),
            "last": iso(group.last),
            "story": None if message.digest else group.story,
            "alerts": [_alert(item) for item in group.items],
        }
    )


def _count(name: str, count: int) -> dict[str, Any]:
    event, _colon, level = name.partition(":")
    return {"event": event, "level": Level(int(level)).label, "count": count}


def _alert(item: Item) -> dict[str, Any]:
    names = ("id", "rank", "rule", "title", "count", "state", "story", "host", "user", "detail", "platform", "agency")
    return {
        "event": item.event,
        "at": iso(item.at),
        "level": Level(item.level).label,
        **{name: getattr(item, name) for name in names},
        "source": item.peer,
        "assignee": item.assignee,
        "reason": item.reason,
        "tags": list(item.tags),
        "first": iso(item.first),
        "last": iso(item.last),
        "due": iso(item.due),
    }


def iso(moment: int | None) -> str | None:
    """Give a moment as RFC 3339 does in UTC, None where there is none."""
    if moment is None:
        return None
    try:
        return f"{_EPOCH + timedelta(microseconds=moment // 1000):%Y-%m-%dT%H:%M:%S.%fZ}"
    except OverflowError:
        return None


def syslog_of(channel: Channel, message: Message, facility: int, host: str) -> bytes:
    """Give a message as one line of syslog (RFC 5424) that carries CEF; `host` is the name of this machine."""
    priority = facility * 8 + _SEVERITIES[Level(message.group.items[0].level)][1]
    name = _NOT_PRINTED.sub("-", host)[:255] or "-"
    head = f"<{priority}>1 {iso(message.made) or '-'} {name} sentinel - {message.group.items[0].event} - "
    return (head + cef_of(channel, message)).encode("utf-8", "replace")


def cef_of(channel: Channel, message: Message) -> str:
    """Give a message as CEF: its gravest alert, and in `cnt` how many there are."""
    item = message.group.items[0]
    severity = _SEVERITIES[Level(item.level)][0]
    head = ("CEF:0", "Sentinel", "Sentinel", __version__, item.rule, item.title)
    return "|".join([*(_head(part) for part in head), str(severity), _extension(channel, message, item)])


def _head(text: str) -> str:
    return plain(text).replace("\\", "\\\\").replace("|", "\\|")


def _extension(channel: Channel, message: Message, item: Item) -> str:
    fields = {
        "rt": item.at // 1_000_000,
        "start": item.first // 1_000_000,
        "end": item.last // 1_000_000,
        "externalId": item.id,
        "cat": item.event,
        "cnt": message.group.total,
        "dhost": item.host,
        "duser": item.user,
        **_source(item.peer),
        **_labelled("cs1", "platform", item.platform),
        **_labelled("cs2", "agency", item.agency),
        **_labelled("cs3", "story", item.story),
        **_labelled("cs4", "tags", " ".join(item.tags)),
        **_labelled("cs5", "messageId", message.id),
        **_labelled("cn1", "rank", item.rank),
        **_labelled("cn2", "dropped", message.dropped or ""),
        "outcome": "test" if message.test else "digest" if message.digest else "",
        "msg": f"{subject(channel, message)} {item.detail}".strip(),
    }
    return " ".join(f"{name}={_value(str(value))}" for name, value in fields.items() if value != "")


def _value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("=", "\\=").replace("\r\n", "\n").replace("\r", "\n")
    return plain(escaped.replace("\n", "\\n"))


def _labelled(name: str, label: str, value: str | int) -> dict[str, str | int]:
    return {f"{name}Label": label, name: value} if value != "" else {}


def _source(peer: str) -> dict[str, str]:
    """Give the source under the name that CEF has for what it is: `src` holds addresses of version 4 only."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return {"shost": peer}
    return {"src": peer} if address.version == 4 else {"c6a2Label": "Source IPv6 Address", "c6a2": peer}  # noqa: PLR2004
