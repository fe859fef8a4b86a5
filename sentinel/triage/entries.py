"""What happens to an alert: the kinds of entries in its history, and what each says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from sentinel.language import later
from sentinel.store.kinds import Kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of one sighting: its id, the event, the event's time, when the rule hit, the digest of the evidence that is kept.
Seen: TypeAlias = tuple[str, str, int | None, int, str]


class Raised(msgspec.Struct, frozen=True, omit_defaults=True):
    """A rule hit what it had not hit before, or a person wrote the alert (`manual`)."""

    rule: str
    title: str
    level: int
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
    story: str
    story_why: str = ""
    ack_within: int | None = None
    close_within: int | None = None
    suppression: str = ""
    manual: bool = False
    sightings: tuple[Seen, ...] = ()


class SeenAgain(msgspec.Struct, frozen=True, omit_defaults=True):
    """More sightings came; `reopens` where policy opens a closed alert again for them."""

    count: int
    first: int
    last: int
    reopens: bool = False
    ack_within: int | None = None
    close_within: int | None = None
    suppression: str = ""
    sightings: tuple[Seen, ...] = ()


class Acknowledged(msgspec.Struct, frozen=True):
    """Somebody has begun to look at it."""


class Assigned(msgspec.Struct, frozen=True, omit_defaults=True):
    """It is somebody's to answer for; "" takes it from whoever had it."""

    to: str = ""


class Noted(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody wrote what they know. `instead` names the action that came too late and whose words these were."""

    text: str
    instead: str = ""


class Closed(msgspec.Struct, frozen=True, omit_defaults=True):
    """It was answered: why, in words, and of which alert it is a duplicate."""

    reason: str
    text: str = ""
    duplicate_of: str = ""


class Reopened(msgspec.Struct, frozen=True, omit_defaults=True):
    """It is open again, with new clocks."""

    text: str = ""
    ack_within: int | None = None
    close_within: int | None = None


class Paused(msgspec.Struct, frozen=True):
    """Its clocks stand, and why."""

    reason: str


class Resumed(msgspec.Struct, frozen=True):
    """Its clocks run again."""


class Suppressed(msgspec.Struct, frozen=True):
    """A suppression holds it back."""

    suppression: str


class Released(msgspec.Struct, frozen=True, omit_defaults=True):
    """It was held back by a suppression that has been lifted."""

    ack_within: int | None = None
    close_within: int | None = None


class Was(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of an alert an action may change, as it was before one."""

    state: str
    assignee: str = ""
    reason: str | None = None
    duplicate_of: str = ""
    raised: int = 0
    acknowledged_at: int | None = None
    closed_at: int | None = None
    paused_at: int | None = None
    paused_for: int = 0
    pause_reason: str = ""
    ack_due: int | None = None
    close_due: int | None = None
    suppression: str = ""


class Undone(msgspec.Struct, frozen=True):
    """The entry with number `of` was taken back; everything it changed is as it was."""

    of: int
    was: Was


Happened: TypeAlias = (
    Raised
    | SeenAgain
    | Acknowledged
    | Assigned
    | Noted
    | Closed
    | Reopened
    | Paused
    | Resumed
    | Suppressed
    | Released
    | Undone
)

KINDS: Final[Mapping[str, type[Happened]]] = {
    "raised": Raised,
    "seen": SeenAgain,
    "acknowledged": Acknowledged,
    "assigned": Assigned,
    "noted": Noted,
    "closed": Closed,
    "reopened": Reopened,
    "paused": Paused,
    "resumed": Resumed,
    "suppressed": Suppressed,
    "released": Released,
    "undone": Undone,
}
_KINDS: Final[Kinds[Happened]] = Kinds(
    KINDS,
    later("an entry of an alert's history cannot be read: {reason}"),
    later("'sentinel ledger verify' tells more; restore the store from a backup"),
)
kind_of, written, read = _KINDS.kind_of, _KINDS.written, _KINDS.read
