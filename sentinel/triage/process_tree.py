"""The process tree of an alert: what started the process, and what it started, from the stored events.

A process is named by `process.entity_id` where its event has one; else by number, host and time: the latest start of
that number before is meant, as systems use numbers again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sentinel.model.window import Window
from sentinel.store.base import Order, Question
from sentinel.store.query.tree import And, Equals, Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentinel.store.base import Snapshot, StoredEvent
    from sentinel.store.query.tree import Node

MOST_ANCESTORS: Final = 12
MOST_CHILDREN: Final = 20
_DEPTH: Final = 2
"""Children and theirs: each process more is a question more."""
_DAY: Final = 24 * 60 * 60 * 1_000_000_000
_BEFORE: Final = 7 * _DAY
_BEHIND: Final = _DAY
_START: Final = Equals("event.type", "start"), Equals("event.category", "process")


@dataclass(frozen=True, slots=True)
class Process:
    """A process: `time` is when it started, nanoseconds since 1970, UTC, None where only its child tells of it.

    `event` is the id of the event that saw it start, "" where none is stored. `children` are those it started, at most
    `MOST_CHILDREN`; `more` says that there are others.
    """

    entity: str
    pid: str
    executable: str
    command: str = ""
    user: str = ""
    time: int | None = None
    event: str = ""
    is_alert: bool = False
    children: tuple[Process, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """The process that an alert is about, with what it started, and its ancestors, the oldest first."""

    ancestors: tuple[Process, ...]
    process: Process


def process_tree(snapshot: Snapshot, event: Mapping[str, Any], host: str, time: int) -> ProcessTree | None:
    """Give the tree around an event of a host; None where the event names no process.

    `event` is flat, by the names of the Elastic Common Schema; `time` is nanoseconds since 1970, UTC. Raise StoreError.
    """
    own = _told(event, "process")
    if own is None:
        return None
    found = _start_of(snapshot, own, host, time)
    fields = found.fields if found else event
    began = found.time if found else time
    process = _process(fields, began if found else None, found.id if found else "", is_alert=True)
    children, more = _children(snapshot, process, host, began, 1)
    whole = _with_children(process, children, more=more)
    return ProcessTree(_ancestors(snapshot, fields, host, began), whole)


def _told(event: Mapping[str, Any], prefix: str) -> Process | None:
    """Give what an event tells of a process, None where it names none."""
    entity, pid = (_text(event.get(f"{prefix}.{name}")) for name in ("entity_id", "pid"))
    executable = _text(event.get(f"{prefix}.executable") or event.get(f"{prefix}.name"))
    if not (entity or pid):
        return None
    return Process(entity, pid, executable, _text(event.get(f"{prefix}.command_line")))


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return _text(value[0]) if value else ""
    return "" if value is None else str(value)


def _process(fields: Mapping[str, Any], time: int | None, event: str, *, is_alert: bool = False) -> Process:
    told = _told(fields, "process") or Process("", "", "")
    name, domain = _text(fields.get("user.name")), _text(fields.get("user.domain"))
    user = f"{domain}\\{name}" if domain and name else name
    return Process(told.entity, told.pid, told.executable, told.command, user, time, event, is_alert)


def _with_children(process: Process, children: Sequence[Process], *, more: bool) -> Process:
    return replace(process, children=tuple(children), more=more)


def _ask(snapshot: Snapshot, nodes: Sequence[Node], window: Window, limit: int, *, newest: bool) -> list[StoredEvent]:
    question = Question(Query(And((*nodes, *_START))), window)
    return list(snapshot.search(question, Order(descending=newest), limit).events)


def _start_of(snapshot: Snapshot, process: Process, host: str, time: int) -> StoredEvent | None:
    """Give the event that saw a process start, the latest at a time or before."""
    if process.entity:
        nodes: tuple[Node, ...] = (Equals("process.entity_id", process.entity),)
    else:
        nodes = (Equals("process.pid", process.pid), Equals("host.name", host))
    found = _ask(snapshot, nodes, Window(time - _BEFORE, time + 1), 1, newest=True)
    return found[0] if found else None


def _ancestors(snapshot: Snapshot, fields: Mapping[str, Any], host: str, time: int) -> tuple[Process, ...]:
    line: list[Process] = []
    seen: set[tuple[str, str]] = set()
    while len(line) < MOST_ANCESTORS and (parent := _told(fields, "process.parent")) is not None:
        if (parent.entity, parent.pid) in seen:
            break
        seen.add((parent.entity, parent.pid))
        found = _start_of(snapshot, parent, host, time)
        if found is None:
            line.append(parent)
            break
        line.append(_process(found.fields, found.time, found.id))
        fields, time = found.fields, found.time
    return tuple(reversed(line))


def _children(
    snapshot: Snapshot, process: Process, host: str, began: int, depth: int
) -> tuple[tuple[Process, ...], bool]:
    """Give what a process started, and whether there is more than is given."""
    if depth > _DEPTH:
        return (), False
    until = began + _BEHIND
    if process.entity:
        nodes: tuple[Node, ...] = (Equals("process.parent.entity_id", process.entity),)
    else:
        nodes = (Equals("process.parent.pid", process.pid), Equals("host.name", host))
        until = _used_again(snapshot, process, host, began, until)
    found = _ask(snapshot, nodes, Window(began, until), MOST_CHILDREN + 1, newest=False)
    children = [_below(snapshot, each, host, depth) for each in found[:MOST_CHILDREN]]
    return tuple(children), len(found) > MOST_CHILDREN


def _below(snapshot: Snapshot, event: StoredEvent, host: str, depth: int) -> Process:
    process = _process(event.fields, event.time, event.id)
    children, more = _children(snapshot, process, host, event.time, depth + 1)
    return _with_children(process, children, more=more)


def _used_again(snapshot: Snapshot, process: Process, host: str, began: int, until: int) -> int:
    """Give when a number is next that of another process, or the end of the window."""
    nodes = (Equals("process.pid", process.pid), Equals("host.name", host))
    found = _ask(snapshot, nodes, Window(began + 1, until), 1, newest=False)
    return found[0].time if found else until
