"""What a schema of JSON records is, and how nested records become flat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentinel.formats.texts import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.model.batch import EventKind


@dataclass(frozen=True, slots=True)
class Schema:
    """The JSON records of one product.

    `recognise` is strict: it looks at names that only this product writes together. `read` gives a record's kind and
    its flat native event; it may raise InputError, KeyError or TypeError, and the record is told as a fault. `marks`
    are bytes of which any record has one, for the head of a document whose first record does not end in it.
    """

    name: str
    title: str
    recognise: Callable[[Mapping[str, Any]], bool]
    read: Callable[[dict[str, Any]], tuple[EventKind, dict[str, Any]]]
    marks: tuple[bytes, ...] = ()


_DEEPEST = 32


def dotted(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give a nested record flat: `{"http": {"status": 200}}` is `{"http.status": 200}`.

    A list of objects gives a list under each of their names; a list of plain values stays one; an empty object or list
    gives nothing, so that rules see it as missing. Values keep their JSON types until columns are made.
    """
    flat: dict[str, Any] = {}
    _add(flat, "", record, 0)
    return flat


def _add(flat: dict[str, Any], prefix: str, record: Mapping[str, Any], depth: int) -> None:
    for name, value in record.items():
        if type(value) is dict and depth < _DEEPEST:
            _add(flat, f"{prefix}{name}.", value, depth + 1)
        elif type(value) is list and value and type(value[0]) is dict and depth < _DEEPEST:
            for each in value:
                _add_of_list(flat, prefix + name, each, depth + 1)
        elif value is not None and value not in ([], {}):
            flat[prefix + name] = value


def _add_of_list(flat: dict[str, Any], name: str, value: object, depth: int) -> None:
    """Add one of a list of objects: each of its leaves goes into the list of its name."""
    inner: dict[str, Any] = {}
    if type(value) is dict:
        _add(inner, f"{name}.", value, depth)
    else:
        inner[name] = value
    for leaf, each in inner.items():
        before = flat.get(leaf)
        more = each if type(each) is list else [each]
        flat[leaf] = [*(before if type(before) is list else [] if before is None else [before]), *more]


def texts(flat: Mapping[str, Any]) -> list[str]:
    """Give every text of a flat event."""
    found: list[str] = []
    for value in flat.values():
        text = text_of(value)
        if isinstance(text, list):
            found.extend(text)
        elif text:
            found.append(text)
    return found
