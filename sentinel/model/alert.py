"""What a rule that hit leaves behind: an alert, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

from sentinel.model.severity import Level
from sentinel.model.window import Window

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that hit, and the event that it hit.

    `group` is what the rule grouped by: of a rule about single events the event's id. `window` is when the span began
    that a rule about several events looked at, in nanoseconds since 1970, UTC; 0 of single events. `time` is the
    event's own, None where it tells none; `seen` is when the alert was raised. `evidence` is the whole event as JSON in
    ECS layout: the alert stays whole when the event is long gone. `rule` is the rule's id, its path where it has none.
    """

    id: str
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
    evidence: bytes = field(default=b"{}", repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts are asked for: of this level or above, and of each of the others that is not empty.

    `rule` is an id or part of a title, `host` a name, `dataset` a name; all whatever their case. The window is about
    the event's time, or where it tells none about when the alert was raised.
    """

    level: Level = Level.INFORMATIONAL
    rule: str = ""
    host: str = ""
    dataset: str = ""
    window: Window = field(default_factory=Window)


def alert_id(rule: str, group: str, window: int = 0) -> str:
    """Give an alert's id: 32 hexadecimal digits, the same whenever the rule hits the same group again."""
    parts = (rule, group, str(window))
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
