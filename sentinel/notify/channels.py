"""Channels: where news of alerts goes, which and when.

A channel is a target (a web hook, mail, syslog) and the rules for what is told there. All spans are nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from sentinel.model.severity import Level

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Event(StrEnum):
    """What may have happened to an alert that is worth telling."""

    NEW = "new"
    REOPENED = "reopened"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Quiet:
    """A span of the day in which only what is urgent is told.

    Minutes since midnight; one whose end is not behind its begin ends on the next day. `days` (0 is Monday) are those
    on which it begins.
    """

    begin: int
    end: int
    days: frozenset[int] = frozenset(range(7))

    def holds(self, at: datetime) -> bool:
        """Tell whether a local time lies within it."""
        minute, day = at.hour * 60 + at.minute, at.weekday()
        if self.begin < self.end:
            return day in self.days and self.begin <= minute < self.end
        return (day in self.days and minute >= self.begin) or ((day - 1) % 7 in self.days and minute < self.end)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is told on a channel, and when.

    Alerts of this `level` and `rank` or above, on these platforms and of these agencies (`*` stands for any characters;
    none is all). What is of the level `urgent` or above is told at once, also in quiet times; None is never. All else
    waits `group_within` for more of its story, and `due_soon` is how long before its deadline an alert is told. In any
    span of `every` there are at most so many `messages`.
    """

    level: Level = Level.HIGH
    rank: int = 0
    platforms: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    on: frozenset[Event] = frozenset({Event.NEW, Event.REOPENED})
    due_soon: int = 30 * MINUTE
    urgent: Level | None = Level.CRITICAL
    group_within: int = 5 * MINUTE
    messages: int = 10
    every: int = HOUR
    quiet: tuple[Quiet, ...] = ()


@dataclass(frozen=True, slots=True)
class Webhook:
    """An HTTP endpoint that takes JSON: an address may hold a token, so it shows itself nowhere but in `shown`.

    `proxy` is the address of a proxy on the way, "" where there is none, and None where the environment says so.
    """

    url: str = field(repr=False)
    secret_file: Path | None = None
    ca_file: Path | None = None
    timeout: int = 10 * SECOND
    proxy: str | None = None

    @property
    def shown(self) -> str:
        """Give the address without its path."""
        return "/".join(self.url.split("/")[:3])


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server, always by TLS; `is_implicit` where it speaks TLS from the first byte instead of STARTTLS."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    is_implicit: bool = False
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout: int = 10 * SECOND

    @property
    def shown(self) -> str:
        """Give where it goes."""
        return f"{self.host}:{self.port}"


class Transport(StrEnum):
    """How syslog travels: RFC 5426, RFC 6587 with counted octets, RFC 5425."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Syslog:
    """A server that takes syslog; `facility` is the number of RFC 5424, 6.2.1."""

    host: str
    port: int
    transport: Transport = Transport.TLS
    facility: int = 16
    ca_file: Path | None = None
    timeout: int = 10 * SECOND

    @property
    def shown(self) -> str:
        """Give where it goes."""
        return f"{self.transport.value}://{self.host}:{self.port}"


Target: TypeAlias = Webhook | Mail | Syslog


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: texts are in its language, times in its zone; `place` is where it is described (`path:line`)."""

    name: str
    target: Target
    rules: Rules
    language: str
    zone: ZoneInfo
    place: str = field(default="", compare=False)

    def is_quiet(self, now: int) -> bool:
        """Tell whether it is a quiet time; `now` is nanoseconds since 1970, UTC."""
        if not self.rules.quiet:
            return False
        at = self.local(now)
        return any(quiet.holds(at) for quiet in self.rules.quiet)

    def local(self, moment: int) -> datetime:
        """Give the local time of a moment, nanoseconds since 1970, UTC."""
        return (_EPOCH + timedelta(microseconds=moment // 1000)).astimezone(self.zone)
