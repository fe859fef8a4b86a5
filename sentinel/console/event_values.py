"""The values of stored events as text, and those that tell who, where and what.

An event is told by its dataset's table (`normalise.mapping.Family`): host, user, and the fields that best say what
happened. A native field goes by its name in the Elastic Common Schema where the event has the same value there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sentinel.console.times import iso
from sentinel.model.batch import SYSTEM_COLUMNS, WINDOWS, column_of, field_of
from sentinel.model.ecs import BY_NAME
from sentinel.model.field import FieldType
from sentinel.normalise.account import TELLING
from sentinel.normalise.tables import family_of, plan_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sentinel.store.base import StoredEvent

KIND: Final = "_kind"
OVERFLOW: Final = "_overflow"
_HOSTS: Final = ("host.name", "host.hostname")
_SOURCES: Final = ("source.ip", "source.address")
_NOT_TELLING: Final = frozenset(
    {"@timestamp", "ecs.version", "event.created", "event.dataset", "event.id", "event.ingested", "event.kind"}
    | {"event.action", "event.category", "event.module", "event.original", "event.outcome", "event.provider"}
    | {"event.sequence", "event.type", "sentinel.time_flag", "log.file.path", "log.level", "log.offset"}
    | {"related.hosts", "related.ip", "related.user", KIND, OVERFLOW, *SYSTEM_COLUMNS.values()}
)
_WHO: Final = frozenset({"host.name", "host.hostname", "user.name", "user.target.name"})
_LONGEST_NAME: Final = 20
_LONGEST_VALUE: Final = 200
_SHOWN: Final = 3


def is_time(field: str) -> bool:
    """Tell whether a field's values are times, in nanoseconds since 1970, UTC."""
    return field in BY_NAME and BY_NAME[field].type is FieldType.DATE


def text_of(field: str, value: Any) -> str:  # noqa: ANN401 - any value of an event
    """Give a value as text: lists joined by `; `, times as RFC 3339 in UTC; what is not there is empty."""
    if value is None:
        return ""
    match value:
        case bool():
            return str(value).lower()
        case int() if is_time(field):
            return iso(value) or ""
        case list() | tuple():
            return "; ".join(text_of(field, each) for each in value)
        case Mapping():
            return "; ".join(f"{name}: {text_of(name, each)}" for name, each in value.items())
    return str(value)


def value_of(event: StoredEvent, field: str) -> Any:  # noqa: ANN401 - as above
    """Give an event's value of a field, None where it has none."""
    own = {"event.id": event.id, "@timestamp": event.time, "event.dataset": event.dataset}
    return own[field] if field in own else event.fields.get(field)


def first_text(event: StoredEvent, fields: Iterable[str]) -> str:
    """Give the first text, of a list its first value, that any of the fields has; "-" counts as none."""
    for field in fields:
        value = event.fields.get(field)
        text = text_of(field, value[0] if isinstance(value, (list, tuple)) and value else value)
        if text and text != "-":
            return text
    return ""


def host_of(event: StoredEvent) -> str:
    """Give the name of the host that an event happened on, "" where it tells none."""
    return first_text(event, _HOSTS) or first_text(event, _natives(event.dataset, family_of(event.dataset).hosts))


def user_of(event: StoredEvent) -> str:
    r"""Give who did it: `DOMAIN\name` where there is a domain; "" where the event tells nobody."""
    for who in ("user", "user.target"):
        name, domain = first_text(event, (f"{who}.name",)), first_text(event, (f"{who}.domain",))
        if name:
            return f"{domain}\\{name}" if domain else name
    return first_text(event, _natives(event.dataset, family_of(event.dataset).users))


def source_of(event: StoredEvent) -> str:
    """Give the address that an event came from, "" where it tells none."""
    return first_text(event, _SOURCES)


def action_of(event: StoredEvent) -> str:
    """Give what was done, in ECS's word or else the event's own number."""
    return first_text(event, ("event.action", "event.code"))


def _natives(dataset: str, fields: Iterable[str]) -> Iterator[str]:
    return (column_of(field, dataset) for field in fields)


def telling_of(dataset: str) -> tuple[str, ...]:
    """Name the columns of a dataset that best say what happened, best first; none for a dataset without a table."""
    fields = TELLING if dataset.startswith(WINDOWS) else family_of(dataset).telling
    return tuple(_natives(dataset, fields))


@lru_cache(maxsize=4096)
def _schema_names(dataset: str, code: str) -> Mapping[str, tuple[str, ...]]:
    """Give, for each native column, the ECS fields that are made from it."""
    made: dict[str, list[str]] = {}
    for name, lines in plan_of(dataset, code).maps.items():
        for line in lines:
            made.setdefault(column_of(line.source, dataset), []).append(name)
    return {column: tuple(dict.fromkeys(names)) for column, names in made.items()}


def schema_name(column: str, events: Sequence[StoredEvent]) -> str:
    """Give the ECS field to show instead of a native column: one that says just the same of all these events.

    Where there is none, the only one that is made of the column, if it says something wherever that does; else the
    column itself.
    """
    made = _schema_names(events[0].dataset, first_text(events[0], ("event.code",))).get(column, ())
    for name in made:
        if all(_text(each, name) == _text(each, column) for each in events):
            return name
    if len(made) == 1 and all(bool(_text(each, made[0])) == bool(_text(each, column)) for each in events):
        return made[0]
    return column


def _text(event: StoredEvent, field: str) -> str:
    return text_of(field, event.fields.get(field))


def short_name(field: str, dataset: str) -> str:
    """Give the end of a field's name that still tells: `process.parent.command_line` → `parent.command_line`."""
    field = field_of(field, dataset)
    while len(field) > _LONGEST_NAME and "." in field:
        field = field.partition(".")[2]
    return field


def told_fields(event: StoredEvent) -> list[str]:
    """Name the few fields of an event that best say what happened; where nothing is known of it, its first own ones."""
    known = telling_fields([event])
    if not known and "event.action" in event.fields:
        return []
    own = (field for field in event.fields if field not in _NOT_TELLING | _WHO and _says(event, field))
    return (known or sorted(own, key=lambda field: (field in BY_NAME, field)))[:_SHOWN]


def telling_fields(events: Sequence[StoredEvent]) -> list[str]:
    """Name the fields that tell what happened in events of one kind, best first, by ECS where they stand there.

    Left out are those that less than half of them have, and what is told already: host, user, a part of another field.
    """
    fields: list[str] = []
    for column in telling_of(events[0].dataset):
        if sum(_says(event, column) for event in events) * 2 < len(events):
            continue
        field = schema_name(column, events)
        if field not in _WHO and not any(_within(field, other, events) for other in fields):
            fields.append(field)
    return fields


def _within(field: str, other: str, events: Sequence[StoredEvent]) -> bool:
    return all(_text(event, field) in _text(event, other) for event in events)


def _says(event: StoredEvent, field: str) -> bool:
    return _text(event, field) not in {"", "-"}


def detail_of(event: StoredEvent, *, action: bool = False) -> str:
    """Give one line of what happened: `certutil -f … · file.path: …`.

    What reads as a sentence needs no name before it; before anything else stands, with `action`, what was done.
    """
    told = [(short_name(field, event.dataset), _cut(event, field)) for field in told_fields(event)]
    parts = [f"{name}: {text}" for name, text in told]
    if told and " " in told[0][1]:
        parts[0] = told[0][1]
    elif action:
        parts = [part for part in (action_of(event), *parts) if part]
    return " · ".join(parts)


def _cut(event: StoredEvent, field: str) -> str:
    return " ".join(_text(event, field)[:_LONGEST_VALUE].split())
