"""What a sitting at the screen is about: whose queue, who sits there, how they read times and filters."""

from __future__ import annotations

from dataclasses import dataclass
from time import time_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from sentinel.errors import Refused
    from sentinel.model.alert import Alert, Wanted
    from sentinel.people.acting import Acting
    from sentinel.triage.policy import Policy


@dataclass(frozen=True, slots=True)
class Shift:
    """What the screen is given.

    `folder` is the store's, `policy` what is laid down about its queue. `acting` is who sits there, or why nobody may
    act: reading is for everybody. `read` makes of the words of a filter what is wanted, and raises InputError. `around`
    gives what the host, user and address of an alert did around it; None where no events are stored. `people` are those
    whom alerts can be assigned to, empty where nobody is registered. `clock` gives nanoseconds since 1970, UTC.
    """

    folder: Path
    policy: Policy
    acting: Acting | Refused
    read: Callable[[str], Wanted]
    zone: ZoneInfo
    filter: str = ""
    around: Callable[[Alert], Sequence[Text]] | None = None
    people: tuple[str, ...] = ()
    clock: Callable[[], int] = time_ns
    colored: bool = True
