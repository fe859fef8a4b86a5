"""Alerts as rows, and back."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from sentinel.model.alert import Alert, State
from sentinel.model.severity import Level
from sentinel.store.alerts.tables import COLUMNS, REASONS, STATES, WORDS
from sentinel.store.alerts.words import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sentinel.store.alerts.words import Words

_PLACES: Final = {name: place for place, name in enumerate(COLUMNS)}
_WORD_PLACES: Final = tuple(_PLACES[name] for name in WORDS)
_VALUES: Final = attrgetter(*COLUMNS)

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
_WRITTEN: Final = tuple((_PLACES[name], write) for name, write in _WRITERS.items())
_READ: Final = tuple((_PLACES[name], read) for name, read in _READERS.items())
_STORY: Final = _PLACES["story"]
# What no entry of a history but the first sets.
_FIXED: Final = frozenset(
    {
        "id", "rule", "title", "level", "tags", "dataset", "code", "host", "user", "peer", "detail", "platform",
        "importance", "agency", "fingerprint", "story", "story_why", "manual", "rank", "number",
    }
)  # fmt: skip
_CHANGING: Final = tuple(place for name, place in _PLACES.items() if name not in _FIXED)
_CHANGING_WORDS: Final = frozenset(_CHANGING) & frozenset(_WORD_PLACES)
_CHANGING_WRITTEN: Final = tuple((place, write) for place, write in _WRITTEN if place in _CHANGING)


def row_of(alert: Alert, words: Words, story: int) -> tuple[Any, ...]:
    """Give the row of an alert, whose story's first alert has this number; new words are added."""
    row: list[Any] = list(_VALUES(alert))
    for place, write in _WRITTEN:
        row[place] = write(row[place])
    for place in _WORD_PLACES:
        row[place] = words.number(row[place])
    row[_STORY] = story
    return tuple(row)


def changes_of(was: Alert, now: Alert, words: Words) -> dict[int, Any]:
    """Give what changed of an alert's row, but for its story: the places of columns, and their values now."""
    old, new = _VALUES(was), _VALUES(now)
    changed = {place: new[place] for place in _CHANGING if new[place] != old[place]}
    for place in _CHANGING_WORDS & changed.keys():
        changed[place] = words.number(changed[place])
    for place, write in _CHANGING_WRITTEN:
        if place in changed:
            changed[place] = write(changed[place])
    return changed


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
