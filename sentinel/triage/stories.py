"""Stories: alerts that share a host, a user or an address around one time.

An alert joins the oldest story that one of its entities was last part of, if that was within the policy's window and
the story is not full; else it begins one. Its entities then point to that story. So a story follows an intruder from
host to host by the account, and from account to account by the host.

What everybody shares makes no story: accounts of the system, and the host of an event that names the address of
another side (the portal's web server is part of every attack on it; the attacker's address tells them apart).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentinel.model.alert import Alert

USER, ADDRESS, HOST = 1, 2, 3
LARGEST: Final = 200
_NOBODY: Final = frozenset(
    {
        "", "-", "system", "local service", "network service", "anonymous logon", "root", "nobody", "www-data",
        "apache", "nginx", "daemon",
    }
)  # fmt: skip
_KINDS: Final = {USER: "user", ADDRESS: "address", HOST: "host"}
_NOWHERE: Final = ("127.", "::1", "0.0.0.0", "fe80:", "169.254.")  # noqa: S104 - none of these names a machine


class Entity(NamedTuple):
    """What is known of an entity: the number of its latest story, and the span of time it was seen in there."""

    story: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Joined:
    """The number of the story that an alert joins, 0 where it begins one, and the entity that it shares."""

    story: int = 0
    kind: int = 0
    name: str = ""

    @property
    def why(self) -> str:
        """Give the shared entity as `Alert.story_why` has it: `address 203.0.113.66`; "" of one that begins a story."""
        return f"{_KINDS[self.kind]} {self.name}" if self.story else ""


def entities(alert: Alert) -> Iterator[tuple[int, str]]:
    """Give the entities of an alert: kind and name, in lower case."""
    user = alert.user.lower()
    if user.rpartition("\\")[2] not in _NOBODY and not user.endswith("$"):
        yield USER, user
    if alert.peer and not alert.peer.startswith(_NOWHERE):
        yield ADDRESS, alert.peer.lower()
    elif alert.host:
        yield HOST, alert.host.lower()


def joined(alert: Alert, known: Mapping[tuple[int, str], Entity], sizes: Mapping[int, int], window: int) -> Joined:
    """Tell which story an alert joins; `sizes` says how many alerts stories have."""
    fitting = [
        (known[key].story, *key)
        for key in entities(alert)
        if key in known
        and sizes.get(known[key].story, 0) < LARGEST
        and alert.last >= known[key].first - window
        and alert.first <= known[key].last + window
    ]
    return Joined(*min(fitting)) if fitting else Joined()


def after(entity: Entity | None, story: int, alert: Alert) -> Entity:
    """Give an entity as it is after an alert of it that belongs to a story."""
    if entity is None or entity.story != story:
        return Entity(story, alert.first, alert.last)
    return Entity(story, min(entity.first, alert.first), max(entity.last, alert.last))
