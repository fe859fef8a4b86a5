"""Pages of the queue: which alerts are wanted, in what order, found by whichever index has least to look through.

Each thing asked is a term. Of terms that a column with an index of its own answers, the one that fewest alerts fit is
taken first, if they are few; where many fit every term, the index in the order of the queue is walked until the page is
full, which is soon.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.model.alert import Order, Wanted
from sentinel.model.severity import Level
from sentinel.store.alerts.rows import state_places
from sentinel.store.alerts.tables import ACTED, JOINED, REASONS, SELECTIVE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from sentinel.model.window import Window
    from sentinel.store.alerts.words import Words

MOST_COUNTED: Final = 10_000
_FEW: Final = 20_000
_NAMED: Final = ("host", "user", "address", "dataset", "platform", "agency")
_COLUMN_OF: Final = {"address": "peer"}
_TEXT_COLUMNS: Final = ("title", "host", "user", "peer", "platform", "agency")
_INDEXED: Final = frozenset({*SELECTIVE, "story", "assignee"})

_ORDERS: Final = {
    Order.RANK: ("alert_by_rank", "rank desc, last desc, alert.number", ("rank", "last")),
    Order.LAST: ("alert_by_last", "last desc, rank desc, alert.number", ("last", "rank")),
    Order.DUE: ("subject_by_due", "due, subject.number", ("due",)),
}
_BY_LAST: Final = "alert indexed by alert_by_last"
# SQLite leaves out a left join of what nothing asks for.
_DUE_FIRST: Final = "subject indexed by subject_by_due left join alert on alert.number = subject.number"


_STORY_KEYS: Final = ("rank", "last", "number")


@dataclass(frozen=True, slots=True)
class _Term:
    """A condition, its values, and the columns whose indexes give every alert that may fit it."""

    sql: str
    values: tuple[Any, ...] = ()
    indexes: tuple[tuple[str, str], ...] = ()
    """Index conditions on one column each: the column and a JSON list of its values."""
    source: str = ""
    """What gives every alert that fits it by an index, or a table, of its own."""
    is_acted: bool = False
    """Whether it is about what actions change, which stands in the row of the subject."""


@dataclass(frozen=True, slots=True)
class Found:
    """Numbers of alerts in order, how many there are in all (MOST_COUNTED at most), and what to go on behind."""

    numbers: list[int]
    total: int
    after: str


def page(db: sqlite3.Connection, words: Words, wanted: Wanted, limit: int, after: str) -> Found:
    """Give the first alerts that are wanted, behind the page that ended with `after`.

    Raise InputError where `after` is not what a page of this order gave.
    """
    terms = _terms(db, words, wanted)
    if terms is None:
        return Found([], 0, "")
    index, order, keys = _ORDERS[wanted.order]
    if wanted.order is Order.DUE:
        terms.append(_Term("due is not null", is_acted=True))
    if after:
        terms.append(_behind(wanted.order, keys, after))
    few = _fewest(db, terms)
    source = _joined("alert not indexed" if few is not None else f"alert indexed by {index}", terms)
    if few is not None:
        terms.append(_Term("alert.number in (select value from json_each(?))", (json.dumps(few),)))
    elif wanted.order is Order.DUE:
        source = _DUE_FIRST
    number = "subject.number" if wanted.order is Order.DUE else "alert.number"
    where = f"where {' and '.join(term.sql for term in terms)}" if terms else ""
    asked = f"select {number}, {', '.join(keys)} from {source} {where} order by {order} limit ?"  # noqa: S608
    values = [value for term in terms for value in term.values]
    rows = db.execute(asked, (*values, max(limit, MOST_COUNTED) + 1)).fetchall()
    shown = rows[:limit]
    more = ".".join(str(value) for value in (*shown[-1][1:], shown[-1][0])) if len(rows) > limit and shown else ""
    return Found([row[0] for row in shown], min(len(rows), max(limit, MOST_COUNTED)), more)


def numbers(db: sqlite3.Connection, words: Words, wanted: Wanted) -> list[int]:
    """Give the numbers of all alerts that are wanted."""
    terms = _terms(db, words, wanted)
    if terms is None:
        return []
    where = f"where {' and '.join(term.sql for term in terms)}" if terms else ""
    values = [value for term in terms for value in term.values]
    asked = f"select alert.number from {_joined('alert', terms)} {where} order by alert.number"  # noqa: S608
    return [number for (number,) in db.execute(asked, values)]


def _joined(source: str, terms: Sequence[_Term]) -> str:
    """Let the rows of subjects stand beside those of alerts where a term asks for them."""
    return f"{source} {JOINED}" if any(term.is_acted for term in terms) else source


def _behind(order: Order, keys: Sequence[str], after: str) -> _Term:
    parts = after.split(".")
    if len(parts) != len(keys) + 1 or not all(part.removeprefix("-").isdigit() for part in parts):
        raise InputError(_("this is not where a page of alerts ended"), place=after)
    values = [int(part) for part in parts]
    sign = ">" if order is Order.DUE else "<"
    number = "subject.number" if order is Order.DUE else "alert.number"
    sql, given = f"{number} > ?", [values[-1]]
    for key, value in reversed(list(zip(keys, values, strict=False))):
        sql = f"({key} {sign} ? or ({key} = ? and {sql}))"
        given = [value, value, *given]
    return _Term(sql, tuple(given))


def behind_story(after: str) -> tuple[int, int, int]:
    """Give the rank, time and number that a list of stories goes on behind; raise InputError where it is none."""
    if not after:
        return 1 << 30, 0, 0
    parts = after.split(".")
    if len(parts) != len(_STORY_KEYS) or not all(part.removeprefix("-").isdigit() for part in parts):
        raise InputError(_("this is not where a page of stories ended"), place=after)
    rank, last, number = map(int, parts)
    return rank, last, number


def _fewest(db: sqlite3.Connection, terms: Sequence[_Term]) -> list[int] | None:
    """Give the alerts that the rarest of the terms with indexes lets through; None where each lets many."""
    best: list[int] | None = None
    for term in terms:
        if term.indexes or term.source:
            found = _candidates(db, term, len(best) if best is not None else _FEW)
            best = found if found is not None else best
    return best


def _candidates(db: sqlite3.Connection, term: _Term, most: int) -> list[int] | None:
    """Give the numbers of alerts that may fit a term, None where there are more than so many."""
    if term.source:
        asked = f"select number from {term.source} where {term.sql} limit ?"  # noqa: S608
        every = [number for (number,) in db.execute(asked, (*term.values, most + 1))]
        return every if len(every) <= most else None
    found: set[int] = set()
    for column, values in term.indexes:
        table = "subject" if column in ACTED else "alert"
        asked = f'select number from {table} where "{column}" in (select value from json_each(?)) limit ?'  # noqa: S608
        found.update(number for (number,) in db.execute(asked, (values, most + 1)))
        if len(found) > most:
            return None
    return list(found)


def _terms(db: sqlite3.Connection, words: Words, wanted: Wanted) -> list[_Term] | None:
    """Give the conditions of a question; None where nothing can fit it."""
    terms = _plain_terms(wanted)
    for name in _NAMED:
        if text := getattr(wanted, name):
            terms.append(_any_of(words.fitting(text), _COLUMN_OF.get(name, name)))
    if wanted.rule:
        found = json.dumps(words.fitting(wanted.rule)), json.dumps(words.holding(wanted.rule))
        terms.append(_either(("rule", found[0]), ("title", found[1])))
    if wanted.assignee is not None:
        terms.append(_any_of(words.fitting(wanted.assignee), "assignee"))
    if wanted.suppression:
        terms.append(_any_of(words.fitting(wanted.suppression), "suppression"))
    if wanted.story:
        asked = "select number from alert where id >= ? and id < ?"
        found_ = [number for (number,) in db.execute(asked, (wanted.story.lower(), wanted.story.lower() + "g"))]
        terms.append(_any_of(found_, "story"))
    if wanted.technique:
        terms.append(_any_of(_techniques(words, wanted.technique), "tags"))
    for part in wanted.text.split():
        held = words.holding_by_field(part, _TEXT_COLUMNS)
        terms.append(_either(*((column, json.dumps(numbers)) for column, numbers in held.items())))
    return None if any(term.sql == "0" for term in terms) else terms


def _plain_terms(wanted: Wanted) -> list[_Term]:
    """Give the conditions about numbers and times."""
    states = json.dumps(state_places(wanted.states))
    asked: tuple[tuple[bool, _Term], ...] = (
        (wanted.level > Level.INFORMATIONAL, _Term("level >= ?", (int(wanted.level),))),
        (
            bool(wanted.states),
            _Term(
                f"state in ({', '.join(map(str, state_places(wanted.states)))})",
                (),
                (("state", states),),
                is_acted=True,
            ),
        ),
        (
            wanted.reason is not None,
            _Term("reason = ?", (REASONS.index(wanted.reason) if wanted.reason is not None else 0,), is_acted=True),
        ),
        (wanted.overdue is not None, _Term("due < ?", (wanted.overdue,), is_acted=True)),
        (wanted.paused, _Term("paused_at is not null", source="subject", is_acted=True)),
    )
    return [*(term for applies, term in asked if applies), *_window(wanted.window)]


def _window(window: Window) -> list[_Term]:
    bounds = (("last >= ?", window.since), ("last < ?", window.until))
    given = [(sql, value) for sql, value in bounds if value is not None]
    if not given:
        return []
    return [_Term(" and ".join(sql for sql, _value in given), tuple(value for _sql, value in given), source=_BY_LAST)]


def _any_of(found: Sequence[int], column: str) -> _Term:
    if not found:
        return _Term("0")
    return _either((column, json.dumps(list(found))))


def _either(*columns: tuple[str, str]) -> _Term:
    """Give the condition that one of the columns has one of its values."""
    given = [(column, values) for column, values in columns if values != "[]"]
    if not given:
        return _Term("0")
    sql = " or ".join(f'"{column}" in (select value from json_each(?))' for column, _values in given)  # noqa: S608
    indexes = tuple(given) if all(column in _INDEXED for column, _values in given) else ()
    is_acted = any(column in ACTED for column, _values in given)
    return _Term(f"({sql})", tuple(values for _column, values in given), indexes, is_acted=is_acted)


def _techniques(words: Words, technique: str) -> list[int]:
    """Give the words that are lists of tags with a technique, or one below it."""
    name = technique.lower()
    tag = name if name.startswith("attack.") else f"attack.{name}"
    found = words.texts(words.holding(tag))
    return [number for number, text in found.items() if f" {tag} " in text or f" {tag}." in text]
