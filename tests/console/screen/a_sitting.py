"""A sitting at the triage screen: `async with sitting(shift) as at: await at.press("c", "f", "enter")`."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape
from time import monotonic
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from textual.events import Key
from textual.keys import key_to_character

from sentinel import settings
from sentinel.cli.triage import wanted_in
from sentinel.console.screen.app import Triage
from sentinel.console.screen.shift import Shift
from sentinel.model.alert import Sighting, alert_id, sighting_id
from sentinel.model.severity import Level
from sentinel.people.acting import Acting
from sentinel.people.roles import Role
from sentinel.triage.desk import Desk
from sentinel.triage.policy import Policy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
    from pathlib import Path

    from textual.pilot import Pilot

NOW = 1_795_424_400 * 10**9  # 2026-11-23, 09:00 in Hanoi: there the clock of every test stands
LAN = Acting("lan", frozenset({Role.ANALYST}), "os:1000:lan")
HOA = Acting("hoa", frozenset({Role.ANALYST}), "os:1001:hoa")
_LONGEST = 60.0
"""Seconds after which a screen that has not come to rest is broken, however slow the machine is."""
_BREATH = 0.002
_QUIET = 3
"""Looks at the screen, one after the other, that must all find it at rest: a message may be on its way to a parent."""
_CELL = 12.2
OFTEN = 0.1
"""Seconds after which a screen that is to see what others do looks again."""


def a_sighting(number: int = 1, **fields: Any) -> Sighting:  # noqa: ANN401 - fields of any kind
    """Build a sighting; those of other numbers are of other alerts, and no two share an entity."""
    host = fields.pop("host", f"pc{number}.gov.example")
    user = fields.pop("user", f"user{number}")
    peer = fields.pop("peer", f"198.51.100.{number % 250}")
    rule = fields.pop("rule", f"rule-{number}")
    seen = fields.pop("seen", NOW - 600 * 10**9)
    pairs = (("host", host), ("user", user), ("peer", peer))
    made = Sighting(
        id=sighting_id(rule, f"event-{number}"), alert=alert_id(rule, pairs), rule=rule, title=f"Alert {number}",
        level=Level.HIGH, tags=("attack.t1110",), group=f"event-{number}", window=0, dataset="linux.auth",
        code="sshd", host=host, user=user, peer=peer, detail=f"what happened {number}", time=seen, seen=seen,
        platform="portal", importance=4, agency="H49", fingerprint=pairs,
        evidence=b'{"event":{"action":"login"},"message":"Failed password"}',
    )  # fmt: skip
    return replace(made, **fields)


def a_shift(
    folder: Path,
    sightings: Sequence[Sighting] = (),
    line: str = "",
    **fields: Any,  # noqa: ANN401 - fields of any kind
) -> Shift:
    """Build a shift of lan's over a queue with these sightings."""
    if sightings:
        take(folder, sightings)
    now = settings.load({"store": folder})
    made = Shift(
        folder=folder, policy=Policy(), acting=LAN, read=lambda line: wanted_in(line, now, "lan"),
        zone=ZoneInfo("Asia/Ho_Chi_Minh"), filter=line, clock=lambda: NOW,
    )  # fmt: skip
    return replace(made, **fields)


def take(folder: Path, sightings: Sequence[Sighting]) -> None:
    """Let sightings come in."""
    with Desk(folder, write=True) as desk:
        desk.take(sightings, NOW - 600 * 10**9)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody at the screen."""

    app: Triage
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        """Press keys, each after what the one before it did."""
        for key in keys:
            self._send(key)
            await self.settle()

    async def write(self, text: str) -> None:
        """Type a text."""
        for sign in text:
            self._send("space" if sign == " " else sign)
        await self.settle()

    def _send(self, key: str) -> None:
        """Send a key; the pilot's own `press` waits fixed times, and until the process computes nothing."""
        self.app.post_message(Key(key, key_to_character(key)))

    async def settle(self) -> None:
        """Wait until nothing is asked or done, or a dialog waits for an answer."""
        quiet, end = 0, monotonic() + _LONGEST
        while quiet < _QUIET:
            assert monotonic() < end, "the screen never came to rest:\n" + self.shown
            await self.pilot.pause(0)  # until every widget has had what was sent to it
            quiet = quiet + 1 if self._is_at_rest else 0
            await asyncio.sleep(_BREATH)  # what ended may begin something else a moment later

    @property
    def _is_at_rest(self) -> bool:
        everybody = (self.app, *(each for screen in self.app.screen_stack for each in screen.walk_children()))
        return self.app.is_settled and not any(each.message_queue_size for each in everybody)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        end = monotonic() + _LONGEST
        while not holds():
            assert monotonic() < end, "it never came to hold:\n" + self.shown
            await asyncio.sleep(_BREATH)
            await self.pilot.pause(0)

    @property
    def shown(self) -> str:
        """Give what stands on the screen."""
        lines: defaultdict[float, str] = defaultdict(str)
        svg = self.app.export_screenshot()
        for x, y, text in re.findall(r'<text class="[^"]*-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)<', svg):
            lines[float(y)] = lines[float(y)].ljust(round(float(x) / _CELL)) + unescape(text).replace("\xa0", " ")
        return "\n".join(lines[y].rstrip() for y in sorted(lines))

    @property
    def line(self) -> str:
        """Give the row at which the cursor stands."""
        return next((line for line in self.shown.splitlines() if line.startswith("›")), "")


@asynccontextmanager
async def sitting(shift: Shift, size: tuple[int, int] = (80, 24), tick: float = 1.0) -> AsyncIterator[Sitting]:
    """Open the screen, with its first rows there; it looks every `tick` seconds whether something has happened."""
    app = Triage(shift, tick)
    async with app.run_test(size=size) as pilot:
        loop = app._task  # noqa: SLF001 - the pilot offers no way to wait for the end
        assert loop is not None
        try:
            at = Sitting(app, pilot)
            await at.settle()
            yield at
        finally:  # as `q` does: the pilot takes the widgets away while messages and workers go on
            app.exit()
            await asyncio.wait({loop})


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Play a scene to its end, in a thread of its own: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(scene())).result()
