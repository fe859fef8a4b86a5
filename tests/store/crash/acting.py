"""A program that works on a queue of alerts, and what the queue must hold when it was stopped anywhere.

    python -m tests.store.crash.acting --serve          and a line `FOLDER SAID SEED` for each process

Whatever a call came to is written to SAID once the call has returned, a line of JSON each.
"""

from __future__ import annotations

import os
from collections import defaultdict
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec

from sentinel.model.alert import OPEN, Reason, Wanted
from sentinel.people.acting import Acting
from sentinel.people.roles import Role
from sentinel.store.alerts.file import SUBJECT
from sentinel.store.embedded.verify import verify
from sentinel.triage.actions import NAMES, UNDO, Acknowledge, Action, Assign, Close, Hold, Note, Pause, Release, Reopen
from sentinel.triage.checking import check as check_queue
from sentinel.triage.desk import Desk
from sentinel.triage.suppressions import SUBJECT as SUPPRESSION
from sentinel.triage.suppressions import Suppression
from tests.store.crash.serving import serve
from tests.triage.builders import HOUR, NOW, SECOND, a_sighting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sentinel.ledger.chain import Act, Entry
    from sentinel.model.alert import Alert
    from sentinel.triage.told import Outcome

HOSTS = 400
"""Alerts that there are at most."""
BULK = 80
"""Alerts that a call is about at most."""
HOLDING = ("suppressed", "lifted")
ACTIONS: tuple[Callable[[Random], Action], ...] = (
    lambda _random: Acknowledge(),
    lambda random: Assign(random.choice(("", "lan.nguyễn", "đức"))),
    lambda random: Note(f"đã xem {random.randrange(9)}"),
    lambda random: Close(random.choice(list(Reason)), "lý do"),
    lambda _random: Reopen("lại"),
    lambda _random: Pause("chờ trả lời"),
)


class Said(msgspec.Struct):
    """What a call came to: what it is called in the ledger, whose it was, and each alert done with its version."""

    call: str
    by: str
    done: list[tuple[str, int]] = []
    sightings: list[str] = []
    suppression: str = ""


def run(line: str) -> None:
    """Work on the queue in a folder until killed."""
    folder, said, seed = line.split()
    out = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    random = Random(int(seed))  # noqa: S311 - chance, not secrecy
    by = Acting(f"người-{seed}", frozenset({Role.ANALYST}), f"os:1:{seed}")
    with Desk(Path(folder), write=True) as desk:
        for turn in range(1 << 30):
            now = NOW + int(seed) * HOUR + turn * SECOND
            for each in random.choice(_CALLS)(desk, random, by, now):
                os.write(out, msgspec.json.encode(each) + b"\n")


def _take(desk: Desk, random: Random, _by: Acting, now: int) -> Iterable[Said]:
    numbers = [random.randrange(HOSTS) for _ in range(random.randrange(1, BULK))]
    sightings = [a_sighting(number, event=f"e{number}-{random.randrange(5)}", seen=now) for number in numbers]
    if desk.take(sightings, now).sightings:
        yield Said("raise", "sentinel", sightings=[each.id for each in sightings])


def _act(desk: Desk, random: Random, by: Acting, now: int) -> Iterable[Said]:
    action = random.choice(ACTIONS)(random)
    outcomes = desk.act(action, _some(desk, random), by, now, looked_at=random.random() < 0.5)
    yield from _told(outcomes, by, NAMES[type(action)])


def _undo(desk: Desk, random: Random, by: Acting, now: int) -> Iterable[Said]:
    yield from _told(desk.undo(_some(desk, random), by, now), by, UNDO)


def _hold(desk: Desk, random: Random, by: Acting, now: int) -> Iterable[Said]:
    host = f"pc{random.randrange(9)}*"
    wanted = Suppression("", by.name, "bảo trì", now, now + HOUR, host=host)
    made, outcomes = desk.suppress(wanted, by, now)
    yield Said("suppressed", by.name, suppression=made.id)
    yield from _told(outcomes, by, NAMES[Hold])
    lifted, outcomes = desk.lift(made.id, by, now, release=True)
    yield Said("lifted", by.name, suppression=lifted.id)
    yield from _told(outcomes, by, NAMES[Release])


_CALLS: Sequence[Callable[[Desk, Random, Acting, int], Iterable[Said]]] = (_take, _take, _act, _act, _act, _undo, _hold)


def _some(desk: Desk, random: Random) -> list[Alert]:
    every = desk.every(Wanted(states=OPEN if random.random() < 0.7 else frozenset()))
    return random.sample(every, min(len(every), random.randrange(1, BULK)))


def _told(outcomes: Iterable[Outcome], by: Acting, call: str) -> Iterable[Said]:
    done = [(each.id, each.alert.version) for each in outcomes if each.alert and (each.is_done or each.is_noted)]
    if done:
        yield Said(call, by.name, done)


def heard(said: Path) -> list[Said]:
    """Give what was said; what a process was killed in the middle of saying is taken away."""
    whole = said.read_bytes() if said.exists() else b""
    if whole and not whole.endswith(b"\n"):
        whole = whole[: whole.rfind(b"\n") + 1]
        said.write_bytes(whole)
    return [msgspec.json.decode(line, type=Said) for line in whole.splitlines()]


def look(folder: Path, said: Sequence[Said], most: int) -> int:
    """Fail where something said is not there, or anything is half done; give how many entries there are.

    Up to `most` acts may be there that nobody has said: those under way when a process was killed.
    """
    with Desk(folder) as desk:
        check_queue(desk.file)
        acts = {act.number: act for act, _digest in desk.file.histories.acts()}
        entries = [entry for entry, _digest in desk.file.histories.entries()]
        raised = {id_ for each in said for id_ in each.sightings}
        assert raised == desk.file.known(raised), "said, and lost"
    check_whole(acts, entries)
    told = check_said(said, acts, entries)
    assert len(acts) - told <= most, "there, though nobody said so"
    verify(folder).check()
    return len(entries)


def check_whole(acts: dict[int, Act], entries: Iterable[Entry]) -> None:
    """Fail where an act left more or less than it says."""
    left: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        left[entry.act].append(entry)
    assert acts.keys() == left.keys()
    for act in acts.values():
        body = msgspec.json.decode(act.body)
        assert {name: body[name] for name in MEASURES & body.keys()} == _measured(act, left[act.number])


MEASURES = {"sightings", "id", "count", "subjects"}
"""What acts say of how much they leave."""


def _measured(act: Act, entries: Sequence[Entry]) -> dict[str, object]:
    if act.action == "raise":
        return {"sightings": sum(msgspec.json.decode(entry.body)["count"] for entry in entries)}
    if act.action in HOLDING:
        (entry,) = entries
        return {"id": entry.subject.removeprefix(SUPPRESSION)}
    before: dict[str, int] = {}
    for entry in entries:
        before.setdefault(entry.subject.removeprefix(SUBJECT), entry.seq - 1)
    lines = sorted(f"{id_}@{version}\n" for id_, version in before.items())
    return {"count": len(lines), "subjects": sha256("".join(lines).encode()).hexdigest()}


def check_said(said: Sequence[Said], acts: dict[int, Act], entries: Iterable[Entry]) -> int:
    """Fail where something said was not done, by one act of that actor for each call; give how many acts were said."""
    by_place = {(entry.subject, entry.seq): entry.act for entry in entries}
    told: list[int] = []
    for each in said:
        if each.call == "raise":
            continue
        places = [(SUBJECT + id_, version) for id_, version in each.done]
        places += [(SUPPRESSION + each.suppression, HOLDING.index(each.call) + 1)] if each.suppression else []
        assert [] == [place for place in places if place not in by_place], "said, and lost"
        (number,) = {by_place[place] for place in places}
        assert (each.by, each.call) == (acts[number].actor, acts[number].action)
        told.append(number)
    assert len(told) == len(set(told)), "two calls are one act"
    return len(told) + sum(each.call == "raise" for each in said)


if __name__ == "__main__":
    serve(run)
