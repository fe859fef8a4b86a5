"""Suppressions: what hits are held back from the queue, whose word that is, why, and until when.

A hit that a suppression holds back is kept and counted all the same: its alert is there, in the state `suppressed`.
Once a suppression has expired or was lifted, the next hit brings the alert into the queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from sentinel.model.patterns import fits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.model.alert import Alert

SUBJECT: Final = "suppression:"
"""What the names of subjects begin with that are suppressions; the suppression's id follows."""
SUPPRESSED, LIFTED = "suppressed", "lifted"
LONGEST: Final = 366 * 86_400 * 1_000_000_000
"""Nanoseconds that a suppression may last: whoever wants more looks at it again after a year."""
FIELDS: Final = ("rule", "host", "user", "address", "platform", "agency")
"""What a suppression may select on."""
_ATTRIBUTES: Final = {"address": "peer"}


class Suppression(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is held back: alerts that have each of these that is not empty; `*` stands for any characters.

    `until` is when it expires and `made` when it was made, nanoseconds since 1970, UTC; `lifted` when it was taken
    back, None while it was not. `hits` is how many sightings it has held back.
    """

    id: str
    owner: str
    reason: str
    made: int
    until: int
    rule: str = ""
    host: str = ""
    user: str = ""
    address: str = ""
    platform: str = ""
    agency: str = ""
    lifted: int | None = None
    hits: int = 0

    def is_active(self, now: int) -> bool:
        """Tell whether it holds anything back at a time, nanoseconds since 1970, UTC."""
        return self.lifted is None and now < self.until

    def holds(self, alert: Alert) -> bool:
        """Tell whether an alert is one of those it is about."""
        asked = [(getattr(self, name), getattr(alert, _ATTRIBUTES.get(name, name))) for name in FIELDS]
        return all(fits(pattern, value) for pattern, value in asked if pattern)


_DECODER: Final = msgspec.json.Decoder(Suppression)


def written(suppression: Suppression) -> bytes:
    """Give a suppression as JSON; what it has held back is counted apart."""
    return msgspec.json.encode(msgspec.structs.replace(suppression, hits=0))


def read(body: bytes, hits: int = 0) -> Suppression:
    """Give a suppression from JSON, and how many sightings it has held back."""
    return msgspec.structs.replace(_DECODER.decode(body), hits=hits)


def holding(alert: Alert, active: Iterable[Suppression]) -> str:
    """Give the id of the first suppression that holds an alert back, "" where none does."""
    return next((each.id for each in active if each.holds(alert)), "")
