"""Alerts: what rules found, kept until somebody has answered for it.

A *sighting* is a rule that hit one event (or, of rules about several events, one span of time). Sightings of one rule
that agree in the fields of the rule's *fingerprint* are one *alert*, which counts them. Alerts that share a host, a
user or an address around one time are a *story*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from sentinel.model.severity import Level
from sentinel.model.window import Window

_DIGEST_BYTES = 16


class State(StrEnum):
    """Where an alert is on its way."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    SUPPRESSED = "suppressed"


OPEN: Final = frozenset({State.NEW, State.ACKNOWLEDGED})
"""The states of alerts that somebody has yet to answer for."""


class Reason(StrEnum):
    """Why an alert was closed."""

    TRUE_POSITIVE = "true_positive"
    FALSE_POSITIVE = "false_positive"
    BENIGN = "benign"
    DUPLICATE = "duplicate"


class Order(Enum):
    """What comes first in the queue."""

    RANK = "rank"
    LAST = "last"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A rule that hit, and the event that it hit.

    `alert` is the id of the alert that counts it. `group` is what the rule grouped by: of a rule about single events
    the event's id. `window` is when the span began that a rule about several events looked at, in nanoseconds since
    1970, UTC; 0 of single events. `time` is the event's own, None where it tells none; `seen` is when the rule hit.
    `platform`, `importance` (its level 1 to 5, 0 unknown) and `agency` are those of the estate, "" where it knows none.
    `fingerprint` names the fields, and their values, in which sightings of one alert agree. `evidence` is the whole
    event as JSON in ECS layout: the alert stays whole when the event is long gone; b"" where it is not kept. `rule` is
    the rule's id, its path where it has none.
    """

    id: str
    alert: str
    rule: str
    title: str
    level: Level
    tags: tuple[str, ...]
    group: str
    window: int
    dataset: str
    code: str
    host: str
    user: str
    peer: str
    detail: str
    time: int | None
    seen: int
    platform: str = ""
    importance: int = 0
    agency: str = ""
    fingerprint: tuple[tuple[str, str], ...] = ()
    evidence: bytes = field(default=b"{}", repr=False)

    @property
    def at(self) -> int:
        """Give the event's time, or where it tells none when the rule hit."""
        return self.seen if self.time is None else self.time


class Alert(msgspec.Struct, frozen=True):
    """The state of an alert: what it is about, and how far it has come.

    `number` is its place in the file of alerts, 0 of one that is not there yet; `version` how many entries its history
    has, and `touched` the version that an action (not a further sighting) made last: who acts says what was looked at.
    `rank` (0 to 100) orders the queue. `first` and `last`
    are the times of its earliest and latest sighting; `raised` is when it was raised, or opened again. All times are
    nanoseconds since 1970, UTC, `paused_for` nanoseconds. `ack_due` and `close_due` are its deadlines, None where no
    clock runs for it. `story` is the id of the story's first alert, and `story_why` what it shares with it.

    A struct, since actions on thousands make thousands anew: `msgspec.structs.replace` takes a microsecond.
    """

    id: str
    rule: str
    title: str
    level: Level
    tags: tuple[str, ...]
    dataset: str
    code: str
    host: str
    user: str
    peer: str
    detail: str
    platform: str
    importance: int
    agency: str
    fingerprint: tuple[tuple[str, str], ...]
    first: int
    last: int
    count: int
    raised: int
    story: str
    story_why: str
    state: State = State.NEW
    assignee: str = ""
    reason: Reason | None = None
    duplicate_of: str = ""
    version: int = 1
    touched: int = 1
    notes: int = 0
    acknowledged_at: int | None = None
    closed_at: int | None = None
    changed_by: str = ""
    paused_at: int | None = None
    paused_for: int = 0
    pause_reason: str = ""
    ack_due: int | None = None
    close_due: int | None = None
    suppression: str = ""
    manual: bool = False
    rank: int = 0
    number: int = 0

    @property
    def is_open(self) -> bool:
        """Tell whether somebody has yet to answer for it."""
        return self.state in OPEN

    @property
    def due(self) -> int | None:
        """Give the deadline that comes next, None while its clock stands."""
        if self.paused_at is not None or not self.is_open:
            return None
        return self.ack_due if self.state is State.NEW and self.ack_due is not None else self.close_due


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts are asked for: of this level or above, and of each of the others that is not empty.

    `rule` is an id or part of a title; `host`, `user`, `address`, `dataset`, `platform` and `agency` are names, in
    which `*` stands for any characters; all whatever their case. `assignee` is None for anybody's and "" for nobody's.
    `technique` is a tag of ATT&CK such as `T1003` with those below it. `text` is words that stand in the title or one
    of the names. `states` empty asks for every state. The window is about the time of the latest sighting. `overdue`
    gives those whose deadline was before then, in nanoseconds since 1970, UTC; `paused` those whose clocks stand.
    """

    level: Level = Level.INFORMATIONAL
    rule: str = ""
    host: str = ""
    user: str = ""
    address: str = ""
    dataset: str = ""
    platform: str = ""
    agency: str = ""
    states: frozenset[State] = frozenset()
    assignee: str | None = None
    reason: Reason | None = None
    story: str = ""
    suppression: str = ""
    technique: str = ""
    text: str = ""
    overdue: int | None = None
    paused: bool = False
    window: Window = field(default_factory=Window)
    order: Order = Order.RANK


def sighting_id(rule: str, group: str, window: int = 0) -> str:
    """Give a sighting's id: 32 hexadecimal digits, the same whenever the rule hits the same group again."""
    return _digest(rule, group, str(window))


def alert_id(rule: str, fingerprint: tuple[tuple[str, str], ...]) -> str:
    """Give an alert's id: 32 hexadecimal digits, the same for all sightings of the rule with this fingerprint."""
    return _digest(rule, *(part for pair in fingerprint for part in pair))


def _digest(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
