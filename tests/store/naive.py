"""What a query matches, said naively: the oracle of every store's engine.

It shares the tree with the engines and nothing else, so that it and they cannot be wrong in the same way.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import unicodedata
from typing import TYPE_CHECKING, Any, TypeAlias

from sentinel.model.field import FieldType
from sentinel.store.query import tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Value: TypeAlias = Any

SECOND = 10**9


def matches(
    query: tree.Query, event: Mapping[str, Any], types: Mapping[str, FieldType], zone: dt.tzinfo, now: int
) -> bool:
    """Tell whether an event (times as nanoseconds, addresses as text) matches; columns without a type are keywords."""
    return Oracle(event, types, query.accents, zone, now).holds(query.root)


class Oracle:
    """An event, and what a query is compared with it by."""

    def __init__(
        self, event: Mapping[str, Any], types: Mapping[str, FieldType], accents: bool, zone: dt.tzinfo, now: int
    ) -> None:
        self.event, self.types, self.accents, self.zone, self.now = event, types, accents, zone, now

    def holds(self, node: tree.Node) -> bool:
        match node:
            case tree.Everything():
                return True
            case tree.And(nodes):
                return all(self.holds(each) for each in nodes)
            case tree.Or(nodes):
                return any(self.holds(each) for each in nodes)
            case tree.Not(inner):
                return not self.holds(inner)
            case _:
                return any(self.fits(node, *value) for value in self.values(node.field))

    def values(self, field: str) -> Iterator[tuple[str, FieldType, Any, bool]]:
        """Give column, type, value and whether it is an overflow, of every value that a field has."""
        for column, value in self.event.items():
            if column != "_overflow" and _named(field, column):
                kind = self.types.get(column, FieldType.KEYWORD)
                for each in value if isinstance(value, list) else [value]:
                    if each is not None and not (field == "" and kind in {FieldType.DATE, FieldType.BOOLEAN}):
                        yield column, kind, each, False
        for column, value in (self.event.get("_overflow") or {}).items():
            if _named(field, column):
                for each in value if isinstance(value, list) else [value]:
                    yield column, FieldType.KEYWORD, each, True

    def fits(self, node: tree.Leaf, column: str, kind: FieldType, value: Value, overflow: bool) -> bool:  # noqa: PLR0911 - one for each node
        wordy = column in tree.TEXT_FIELDS and "*" in node.field
        text = self.text(value, kind)
        match node:
            case tree.Exists():
                return True
            case tree.Equals(_, sought) if kind is FieldType.KEYWORD:
                return self.fold(sought) in self.fold(text) if wordy else self.fold(sought) == self.fold(text)
            case tree.Equals(_, sought):
                return (span := self.span(sought, kind)) is not None and span[0] <= _number(value, kind) <= span[1]
            case tree.Contains(_, sought):
                return self.fold(sought) in self.fold(text)
            case tree.Like(_, pattern):
                compiled = re.compile(self.like(f"*{pattern}*" if wordy else pattern), re.DOTALL)
                return compiled.fullmatch(self.fold(text)) is not None
            case tree.Matches(_, expression):
                compiled = re.compile(self.bare(expression), re.DOTALL | re.IGNORECASE)
                return compiled.fullmatch(self.bare(text)) is not None
            case tree.Within(_, network):
                return _inside(text, network)
            case tree.Range():
                typed = self.types.get(column, FieldType.KEYWORD) is not FieldType.KEYWORD
                return not (overflow and typed) and self.between(node, kind, value)

    def between(self, node: tree.Range, kind: FieldType, value: Value) -> bool:
        if kind is FieldType.BOOLEAN:
            return False
        if kind is FieldType.KEYWORD:
            one, low, high = (None if each is None else self.fold(each) for each in (value, node.low, node.high))
            assert one is not None
            return (low is None or low < one or (low == one and node.low_included)) and (
                high is None or one < high or (high == one and node.high_included)
            )
        number = _number(value, kind)
        if node.low is not None:
            span = self.span(node.low, kind)
            if span is None or number < span[0] or (number <= span[1] and not node.low_included):
                return False
        if node.high is not None:
            span = self.span(node.high, kind)
            if span is None or number > span[1] or (number >= span[0] and not node.high_included):
                return False
        return True

    def bare(self, text: str) -> str:
        if self.accents:
            return unicodedata.normalize("NFC", text)
        apart = unicodedata.normalize("NFD", text)
        kept = [each for each in apart if not unicodedata.category(each).startswith("M")]
        return unicodedata.normalize("NFC", "".join(kept)).replace("đ", "d").replace("Đ", "D")

    def fold(self, text: str) -> str:
        return "".join("i" if each == "İ" else each.lower() for each in self.bare(text))

    def like(self, pattern: str) -> str:
        expression, rest = "", pattern
        while rest:
            if rest[0] == "\\" and rest[1:2] in {"*", "?", "\\"}:
                expression, rest = expression + re.escape(rest[1]), rest[2:]
            elif rest[0] in "*?":
                expression, rest = expression + {"*": ".*", "?": "."}[rest[0]], rest[1:]
            else:
                literal = re.match(r"[^*?\\]+|\\", rest)
                assert literal is not None
                expression, rest = expression + re.escape(self.fold(literal[0])), rest[literal.end() :]
        return expression

    def text(self, value: Value, kind: FieldType) -> str:
        if kind is FieldType.BOOLEAN:
            return "true" if value else "false"
        if kind is FieldType.DATE:
            moment = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=value // SECOND)  # noqa: DTZ001 - of UTC, as written below
            return f"{moment.isoformat()}.{value % SECOND:09d}Z"
        return str(value)

    def span(self, text: str, kind: FieldType) -> tuple[int, int] | None:
        """Give the first and last number that a text stands for; of times, only what the strategies write."""
        if kind is FieldType.BOOLEAN:
            return {"true": (1, 1), "false": (0, 0)}.get(text.lower())
        if kind is FieldType.LONG:
            if re.fullmatch(r"[+-]?[0-9]{1,40}", text):
                return int(text), int(text)
            return (int(text, 16), int(text, 16)) if re.fullmatch(r"0[xX][0-9a-fA-F]{1,32}", text) else None
        if kind is FieldType.IP:
            number = _address(text)
            return None if number is None else (number, number)
        return self.time(text)

    def time(self, text: str) -> tuple[int, int] | None:
        if ago := re.fullmatch(r"now(?:-([0-9]+)([smhdw]))?(/d)?", text):
            lengths = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, None: 0}
            begin = self.now - int(ago[1] or 0) * lengths[ago[2]] * SECOND
            day = dt.datetime.fromtimestamp(begin // SECOND, self.zone).strftime("%Y-%m-%d")
            return self.lasting(day, "%Y-%m-%d", 1, 0) if ago[3] else (begin, begin)
        for written, form, days, seconds in _FORMS:
            for offset, zoned in (("", ""), (r"(Z|[+-][0-9]{2}:[0-9]{2})", "%z")):
                if re.fullmatch(written + offset, text):
                    return self.lasting(text, form + zoned, days, seconds)
        return None

    def lasting(self, text: str, form: str, days: int, seconds: int) -> tuple[int, int] | None:
        try:
            moment = dt.datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        end = moment + dt.timedelta(days=days)
        return _nanoseconds(moment), _nanoseconds(end) + seconds * SECOND - 1


# How dates are written, and how long they last: days of the calendar, and seconds.
_FORMS = (
    ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d", 1, 0),
    ("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", "%Y-%m-%dT%H:%M", 0, 60),
    ("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}", "%Y-%m-%dT%H:%M:%S", 0, 1),
)


def _named(field: str, column: str) -> bool:
    return field in {"", column} or ("*" in field and _star(field, column))


def _star(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(_star(pattern[1:], name[begin:]) for begin in range(len(name) + 1))
    return name[:1] == pattern[0] and _star(pattern[1:], name[1:])


def _number(value: Value, kind: FieldType) -> int:
    number = _address(value) if kind is FieldType.IP else int(value)
    assert number is not None, value
    return number


def _address(text: str) -> int | None:
    try:
        address = ipaddress.ip_address(re.sub(r"%.*", "", text, flags=re.DOTALL) if ":" in text else text)
    except ValueError:
        return None
    return int(ipaddress.ip_address(f"::ffff:{address}")) if address.version == 4 else int(address)


def _inside(text: str, network: tree.Network) -> bool:
    number = _address(text)
    if number is None:
        return False
    first, last = _address(str(network[0])), _address(str(network[-1]))
    assert first is not None
    assert last is not None
    return first <= number <= last


def _nanoseconds(moment: dt.datetime) -> int:
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1) * 1000
