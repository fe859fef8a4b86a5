"""Stored events as a table: the fields that matter of each dataset.

Events of one kind have a column for each field that tells what happened, by the names that queries know. Different
ones have one column, *what happened*, in which each tells its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.event_values import (
    KIND,
    action_of,
    detail_of,
    host_of,
    is_time,
    short_name,
    source_of,
    telling_fields,
    text_of,
    user_of,
    value_of,
)
from sentinel.console.groups import short_names
from sentinel.console.tables import EXTRA, Column, table
from sentinel.console.text import fitted, visible, width_of
from sentinel.console.theme import FAINT, HEAD
from sentinel.console.times import NO_TIME, WIDE, common_year, shown
from sentinel.language import _
from sentinel.model.batch import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.console.marks import Marks
    from sentinel.store.base import StoredEvent

_MOST_TELLING: Final = 5
_NARROW: Final = 12
"""Cells; columns that never need more are not shortened."""
_MOST, _MOST_NARROW = 32, 16
_WIDER: Final = 130
"""Cells from which on there is room for a column of what was done."""


def events_table(events: Sequence[StoredEvent], zone: ZoneInfo, width: int, marks: Marks) -> list[Text]:
    """Give the lines of the table of events, which are in order, in the fields that matter for them."""
    telling = telling_fields(events)[:_MOST_TELLING] if len({_kind(event) for event in events}) == 1 else []
    columns = [_time(events, zone, width), *_who(events, marks, width, alike=bool(telling))]
    if telling:
        told = [field for field in telling if field not in {"source.ip", "source.address"}]
        columns += [_told(field, events, rank, marks) for rank, field in enumerate(told or telling)]
    else:
        details = [detail_of(event, action=width < _WIDER) for event in events]
        columns.append(Column(_("what happened"), details, least=20, fair=32, marks=marks.of()))
    columns.append(Column("event.id", [event.id for event in events], rank=EXTRA + 2, style=FAINT))
    return table([column for column in columns if any(map(str, column.cells))], width)


def _kind(event: StoredEvent) -> tuple[str, str]:
    """Give what events with the same fields have in common: of Windows events the number too."""
    code = text_of("event.code", event.fields.get("event.code")) if event.dataset.startswith(WINDOWS) else ""
    return event.dataset, code


def _time(events: Sequence[StoredEvent], zone: ZoneInfo, width: int) -> Column:
    times = [event.time for event in events]
    year = common_year(times, zone) if width < WIDE else ""
    begin = 5 if year else 0
    return Column(_("time") + year, [shown(time, zone)[begin:] or NO_TIME for time in times])


def _who(events: Sequence[StoredEvent], marks: Marks, width: int, *, alike: bool) -> list[Column]:
    """Give the columns of dataset, host, user, source and event; where it is wide, none of them is shortened.

    Of events that are `alike`, the source tells more, and the event only where it is not the same for all.
    """
    hosts = [host_of(event) for event in events]
    names = short_names(set(hosts))
    datasets, actions = [event.dataset for event in events], [action_of(event) for event in events]
    if len(set(actions)) == 1 if alike else width < _WIDER:
        actions = []
    columns = (
        (_("dataset"), datasets if len(set(datasets)) > 1 else [], 2, 10, ("event.dataset",)),
        (_("host"), [names[host] for host in hosts], 1, 8, ("host.name", "host.hostname")),
        (_("user"), [user_of(event) for event in events], 3, 8, ("user.name", "user.target.name")),
        (
            _("source"),
            [source_of(event) for event in events],
            2 if alike else EXTRA,
            10,
            ("source.ip", "source.address"),
        ),
        (
            _("event"),
            [] if alike and len(set(actions)) == 1 else actions,
            EXTRA + 1,
            12,
            ("event.action", "event.code"),
        ),
    )
    most = _MOST if width >= WIDE else _MOST_NARROW
    return [
        Column(
            heading,
            cells,
            rank,
            0 if width >= WIDE else least,
            most=most,
            from_left=fields == ("event.dataset",),  # datasets of a family begin alike
            marks=marks.of(fields),
        )
        for heading, cells, rank, least, fields in columns
        if any(cells)
    ]


def _told(field: str, events: Sequence[StoredEvent], rank: int, marks: Marks) -> Column:
    """Give the column of a field that tells what happened; the most telling one always stays."""
    cells = [" ".join(text_of(field, event.fields.get(field)).split()) for event in events]
    widest = max(map(width_of, cells))
    least = max(widest, 4) if widest <= _NARROW else 12
    return Column(
        short_name(field, events[0].dataset),
        cells,
        rank=rank + 1 if rank else 0,
        least=least if rank else max(least, 16),
        fair=24,
        right=all(cell.isdigit() or not cell for cell in cells),
        marks=marks.of([field]),
    )


def chosen_table(
    events: Sequence[StoredEvent], fields: Sequence[str], zone: ZoneInfo, width: int, marks: Marks
) -> list[Text]:
    """Give the lines of the table of events in chosen fields, in the order in which they were chosen."""
    columns = []
    for rank, field in enumerate(fields):
        cells = [_cell(event, field, zone) for event in events]
        columns.append(Column(field, cells, rank=rank and rank + EXTRA, least=8, marks=marks.of([field])))
    return table(columns, width)


def _cell(event: StoredEvent, field: str, zone: ZoneInfo) -> str:
    value = value_of(event, field)
    if isinstance(value, int) and is_time(field):
        return shown(value, zone)
    return text_of(field, value)


def event_lines(event: StoredEvent, zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines that show an event whole: names nested below what they begin with, values beside them.

    A value too long for its line goes on below itself.
    """
    moment = f"{shown(event.time, zone)} {zone.key}"
    lines = [Text(visible(f"{event.dataset}  {moment}"), style=HEAD), Text(event.id, style=FAINT)]
    rows = list(_rows(_tree({name: value for name, value in event.fields.items() if name != KIND}), 0))
    wide = min(max((2 * depth + width_of(name) for depth, name, _value in rows), default=0), max(16, width // 2))
    for depth, name, value in rows:
        head = "  " * depth + visible(name)
        if value is None:
            lines.append(Text(head, style=FAINT))
            continue
        parts = _folded(visible(value), max(16, width - wide - 2))
        line = Text().append(fitted(head, max(wide, width_of(head))) + "  ", style=FAINT)
        lines.append(line.append(parts[0]))
        lines += [Text(" " * (wide + 2) + part) for part in parts[1:]]
    return lines


def _tree(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give dotted names as a tree; a name that has a value and names below it too holds its value as `""`."""
    tree: dict[str, Any] = {}
    for name in sorted(fields):
        place = tree
        for part in name.split("."):
            place = place.setdefault(part, {})
        place[""] = text_of(name, fields[name])
    return tree


def _rows(tree: Mapping[str, Any], depth: int, prefix: str = "") -> Iterable[tuple[int, str, str | None]]:
    """Give (depth, name, value) of every line; a name with but one below it stands on the same line with it."""
    for part, below in tree.items():
        if part == "":
            continue
        name = prefix + part
        names = [each for each in below if each]
        if "" in below:
            yield depth, name, below[""]
            yield from _rows(below, depth + 1)
        elif len(names) == 1:
            yield from _rows(below, depth, f"{name}.")
        else:
            yield depth, name, None
            yield from _rows(below, depth + 1)


def _folded(text: str, width: int) -> list[str]:
    """Give a text in lines of so many cells; none is ever left out."""
    lines, line, taken = [], "", 0
    for character in text:
        cells = width_of(character)
        if taken + cells > width:
            lines.append(line)
            line, taken = "", 0
        line += character
        taken += cells
    return [*lines, line]
