"""Alerts as rows, and back."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from sentinel.model.alert import Alert, State
from sentinel.model.severity import Level
from sentinel.store.alerts.tables import ACTED, COLUMNS, OWN, REASONS, STATES, WORDS
from sentinel.store.alerts.words import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sentinel.store.alerts.words import Words

_PLACES: Final = {name: place for place, name in enumerate(COLUMNS)}
_WORDS: Final = frozenset(WORDS)
_WORD_PLACES: Final = tuple(_PLACES[name] for name in WORDS)

_WRITERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "level": int,
    "detail": storable,
    "fingerprint": lambda pairs: storable(json.dumps(pairs, ensure_ascii=False)),
    "tags": lambda tags: f" {' '.join(tags)} ",
    "state": STATES.index,
    "reason": lambda reason: None if reason is None else REASONS.index(reason),
    "manual": int,
}
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "level": Level,
    "fingerprint": lambda text: tuple((name, value) for name, value in json.loads(text)),
    "tags": lambda text: tuple(text.split()),
    "state": STATES.__getitem__,
    "reason": lambda place: None if place is None else REASONS[place],
    "manual": bool,
}
_READ: Final = tuple((_PLACES[name], read) for name, read in _READERS.items())
_STORY: Final = _PLACES["story"]
_OWN_VALUES: Final = attrgetter(*OWN)
_ACTED_VALUES: Final = attrgetter(*ACTED)
_COUNTED: Final = ("first", "last", "count")
_COUNTED_VALUES: Final = attrgetter(*_COUNTED)


def row_of(alert: Alert, words: Words, story: int) -> tuple[Any, ...]:
    """Give the row of an alert, whose story's first alert has this number; new words are added."""
    row = _written(zip(OWN, _OWN_VALUES(alert), strict=True), words)
    return tuple((row | {"story": story}).values())


def state_of(alert: Alert, words: Words) -> dict[str, Any]:
    """Give what stands of an alert in its subject's row."""
    return _written(zip(ACTED, _ACTED_VALUES(alert), strict=True), words)


def acted(was: Alert, now: Alert, words: Words) -> dict[str, Any]:
    """Give what changed of that."""
    old, new = _ACTED_VALUES(was), _ACTED_VALUES(now)
    return _written(
        (each for each, before in zip(zip(ACTED, new, strict=True), old, strict=True) if each[1] != before), words
    )


def counted(was: Alert, now: Alert) -> tuple[int, ...] | None:
    """Give when an alert was first and last seen, how often, and its number; None where none of it changed."""
    new = _COUNTED_VALUES(now)
    return None if new == _COUNTED_VALUES(was) else (*new, now.number)


def _written(pairs: Iterable[tuple[str, Any]], words: Words) -> dict[str, Any]:
    """Give values as rows hold them; new words are added."""
    row: dict[str, Any] = {}
    for name, value in pairs:
        write = _WRITERS.get(name)
        text = value if write is None else write(value)
        row[name] = words.number(text, name) if name in _WORDS else text
    return row


def alerts_of(rows: Sequence[Sequence[Any]], words: Words, stories: Mapping[int, str]) -> list[Alert]:
    """Give the alerts of rows; `stories` gives the id of a story's first alert by its number."""
    texts = words.texts(row[place] for row in rows for place in _WORD_PLACES)
    return [_alert(row, texts, stories) for row in rows]


def _alert(row: Iterable[Any], texts: Mapping[int, str], stories: Mapping[int, str]) -> Alert:
    values = list(row)
    for place in _WORD_PLACES:
        values[place] = texts[values[place]]
    for place, read in _READ:
        values[place] = read(values[place])
    values[_STORY] = stories[values[_STORY]]
    return Alert(*values[:-1])


def state_places(states: Iterable[State]) -> list[int]:
    """Give the numbers that rows hold for states."""
    return sorted(STATES.index(state) for state in states)
