"""What a store counts: most frequent values, and fields, as tables and for programs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.numbers import number
from sentinel.console.tables import EXTRA, Column, table
from sentinel.console.theme import FAINT
from sentinel.language import _, n_
from sentinel.model.ecs import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sentinel.console.marks import Finds
    from sentinel.store.base import FieldUse, Top

_LEAST_SHARE: Final = 0.1
_PLAIN: Final = re.compile(r"[A-Za-z0-9_@.]+")
_EXAMPLES: Final = {
    "keyword": "*word*",
    "ip": "192.0.2.0/24",
    "long": ">=10",
    "boolean": "true",
    "date": "[2026-11-20 TO *]",
}
"""What may be asked of a field of a type."""


def top_table(top: Top, field: str, events: int, width: int, marks: Finds) -> list[Text]:
    """Give the lines of the most frequent values of a field, of so many events, each with its share of them."""
    counts = [count for _value, count in top.values]
    columns = [
        Column(field, [value or '""' for value, _count in top.values], least=16, marks=marks),
        Column(_("events"), [number(count) for count in counts], right=True),
        Column(_("share"), [share(count, events) for count in counts], rank=1, right=True),
    ]
    return [*table(columns, width), Text(""), *top_foot(top, events)]


def top_foot(top: Top, events: int) -> Iterator[Text]:
    """Give the lines below: what is not shown."""
    rest = top.distinct - len(top.values)
    if rest > 0:
        yield Text(n_("{count} more value", "{count} more values", rest).format(count=number(rest)), style=FAINT)
    told = n_("{count} event", "{count} events", events).format(count=number(events))
    if top.missing:
        without = _("{count} without the field ({share})").format(
            count=number(top.missing), share=share(top.missing, events)
        )
        told = f"{told}, {without}"
    yield Text(told, style=FAINT)


def share(part: int, whole: int) -> str:
    """Give a part of a whole in per cent."""
    if not whole:
        return ""
    return (
        f"< {number(_LEAST_SHARE, 1)} %"
        if 0 < 100 * part / whole < _LEAST_SHARE
        else f"{number(100 * part / whole, 1)} %"
    )


def top_object(top: Top, field: str, events: int) -> dict[str, Any]:
    """Give the most frequent values as programs read them."""
    values = [{"value": value, "events": count} for value, count in top.values]
    return {"field": field, "events": events, "missing": top.missing, "distinct": top.distinct, "values": values}


def fields_table(fields: Sequence[FieldUse], width: int) -> list[Text]:
    """Give the lines of the table of fields: what they hold, in how many events of which datasets."""
    columns = [
        Column(_("field"), [each.name for each in fields], least=24),
        Column(_("type"), [each.type for each in fields], rank=1),
        Column(_("events"), [number(each.events) for each in fields], rank=1, right=True),
        Column(_("datasets"), [" ".join(each.datasets) for each in fields], rank=2, least=16, most=48),
        Column(_("meaning"), [_meaning(each.name) for each in fields], rank=EXTRA, least=24, style=FAINT),
    ]
    return table(columns, width)


def _meaning(name: str) -> str:
    return BY_NAME[name].meaning if name in BY_NAME else ""


def field_object(field: FieldUse) -> dict[str, Any]:
    """Give a field as programs read it."""
    return {"name": field.name, "type": field.type, "events": field.events, "datasets": field.datasets}


def fields_hint(fields: Iterable[FieldUse]) -> Iterator[Text]:
    """Give one line of how a field is asked about, by the first of a plain name: others need escapes."""
    field = next((each for each in fields if _PLAIN.fullmatch(each.name)), None)
    if field:
        command = f"sentinel search '{field.name}:{_EXAMPLES.get(field.type, '*')}'"
        yield Text()
        yield Text(_("Ask for one so: {command}").format(command=command), style=FAINT)
