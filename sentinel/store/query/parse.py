"""Reads queries as analysts type them: Lucene's language, with KQL's comparisons.

The grammar is luqum's; `tokens` gives it words, and this turns its tree into ours. What is wrong ends in InputError
with the column, and in nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sentinel.language import _, later
from sentinel.model.ecs import BY_NAME
from sentinel.model.field import FieldType
from sentinel.store.query import words
from sentinel.store.query.bounds import readable
from sentinel.store.query.caret import wrong
from sentinel.store.query.columns import worded
from sentinel.store.query.text import whole_expression, widened
from sentinel.store.query.tokens import MOST_DEPTH, Token, field_hint, range_hint, tokens
from sentinel.store.query.tree import (
    ANY_FIELD,
    TEXT_FIELDS,
    And,
    Contains,
    Equals,
    Everything,
    Exists,
    Leaf,
    Like,
    Matches,
    Node,
    Not,
    Or,
    Query,
    Range,
    Within,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.errors import InputError
    from sentinel.store.query.tree import Network

Item: TypeAlias = Any  # of luqum's tree; luqum ships no types

EXISTS: Final = "_exists_"
_MAPPED: Final = 96
# An address of IPv4, or one with two colons, and how many of its bits are the network's.
_CIDR: Final = re.compile(r"([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)/[0-9]{1,3}")


def parse(text: str, *, accents: bool = True) -> Query:
    """Read a query; one without a word asks for everything. Raise InputError, with the column, where it is wrong.

    Its texts are brought to NFC; `accents` False makes a query that ignores diacritics.
    """
    stream = _Stream(tokens(text))
    if not stream.tokens:
        return Query(Everything(), accents)
    return Query(_Reading(text, accents).node(_grammar(text, stream), ANY_FIELD, 0), accents)


class _Stream:
    """Gives tokens to PLY one by one; `given` of them so far."""

    __slots__ = ("given", "tokens")

    def __init__(self, of: list[Token]) -> None:
        self.tokens = of
        self.given = 0

    def token(self) -> Token | None:
        self.given += 1
        return self.tokens[self.given - 1] if self.given <= len(self.tokens) else None


def _grammar(query: str, stream: _Stream) -> Item:
    from luqum.exceptions import ParseError
    from luqum.parser import parser

    try:
        return parser.parse(lexer=stream)
    except ParseError:
        raise _unexpected(query, stream) from None


def _unexpected(query: str, stream: _Stream) -> InputError:
    """Tell why the grammar did not take the token it was given last, by that token and the one before it."""
    end = Token("", None, len(query), "")
    before, got = [end, *stream.tokens, end][stream.given - 1 : stream.given + 1]
    kinds = [token.type for token in stream.tokens[: stream.given] if token.type in {"LBRACKET", "RBRACKET"}]
    if kinds and (kinds[-1] == "LBRACKET" or got.type == "RBRACKET"):
        return wrong(query, got.lexpos, _("this is no range"), range_hint())
    if before.type in _LACKING:
        return wrong(query, got.lexpos, _(_LACKING[before.type]).format(text=before.text), field_hint())
    if got.type in {"AND_OP", "OR_OP"}:
        return wrong(query, got.lexpos, _("a term is missing before '{text}'").format(text=got.text), field_hint())
    if got.type == "RPAREN":
        return wrong(query, got.lexpos, _("nothing stands in these parentheses"), field_hint())
    return wrong(query, got.lexpos, _("'{text}' is not understood here").format(text=got.text), field_hint())


_TERM_LACKS: Final = later("a term is missing after '{text}'")
_VALUE_LACKS: Final = later("a value is missing after '{text}'")
# What is missing after a token.
_LACKING: Final = dict.fromkeys(("AND_OP", "OR_OP", "NOT", "PLUS", "MINUS"), _TERM_LACKS) | dict.fromkeys(
    ("COLUMN", "GREATERTHAN", "LESSTHAN"), _VALUE_LACKS
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Turns luqum's tree into ours: the query as typed, and whether accents count in it."""

    query: str
    accents: bool

    def node(self, item: Item, field: str, depth: int) -> Node:
        """Read an item of luqum's tree, in which values are those of a field."""
        if depth > MOST_DEPTH:
            raise self.wrong(item, _("the query is nested more than {count} deep").format(count=MOST_DEPTH))
        return _ITEMS[type(item).__name__](self, item, field, depth + 1)

    def wrong(self, item: Item, message: str, hint: str = "") -> InputError:
        return wrong(self.query, item.pos, message, hint)

    def all_of(self, item: Item, field: str, depth: int) -> Node:
        nodes = [self.node(operand, field, depth) for operand in item.operands]
        return And(tuple(chain.from_iterable(node.nodes if isinstance(node, And) else (node,) for node in nodes)))

    def any_of(self, item: Item, field: str, depth: int) -> Node:
        nodes = [self.node(operand, field, depth) for operand in item.operands]
        return Or(tuple(chain.from_iterable(node.nodes if isinstance(node, Or) else (node,) for node in nodes)))

    def none_of(self, item: Item, field: str, depth: int) -> Node:
        return Not(self.node(item.a, field, depth))

    def wanted(self, item: Item, field: str, depth: int) -> Node:
        return self.node(item.a, field, depth)

    def group(self, item: Item, field: str, depth: int) -> Node:
        return self.node(item.expr, field, depth)

    def field(self, item: Item, _field: str, depth: int) -> Node:
        return self.node(item.expr, words.name(item.name, self.query, item.pos), depth)

    def word(self, item: Item, field: str, _depth: int) -> Node:
        if field == EXISTS:
            return _exists(words.name(item.value, self.query, item.pos))
        spelling = words.word(item.value, self.query, item.pos)
        if spelling.text is None:
            return _exists(field or "*") if spelling.pattern == "*" else _like(field, spelling.pattern)
        network = self.network(item, spelling.text)
        return Within(field, network) if network else _equals(field, spelling.text)

    def network(self, item: Item, text: str) -> Network | None:
        """Read a network; None where the text has not the form of one."""
        if not _CIDR.fullmatch(text):
            return None
        try:
            return unmapped(ip_network(text, strict=False))
        except ValueError:
            message = _("'{text}' is no network").format(text=text)
            raise self.wrong(item, message, _("write 10.0.0.0/8 or 2001:db8::/32, or put a text in quotes")) from None

    def phrase(self, item: Item, field: str, _depth: int) -> Node:
        text = words.phrase(item.value[1:-1])
        return _exists(text) if field == EXISTS else _equals(field, text)

    def regex(self, item: Item, field: str, _depth: int) -> Node:
        import pyarrow as pa
        import pyarrow.compute as pc

        self.refuse_for_exists(item, field)
        expression = words.expression(item.value[1:-1])
        try:
            for tried in (expression, whole_expression(expression, accents=self.accents)):
                pc.match_substring_regex(pa.array([""]), tried)
        except pa.ArrowInvalid as error:
            reason = str(error).removeprefix("Invalid regular expression: ")
            message = _("this is no regular expression: {reason}").format(reason=reason)
            raise self.wrong(
                item, message, _("the syntax is RE2's; a path that ends in / goes in quotes, a / inside is written \\/")
            ) from None
        return Matches(field, expression)

    def range(self, item: Item, field: str, _depth: int) -> Node:
        low = self.bound(item.low, field, open_too=True)
        high = self.bound(item.high, field, open_too=True)
        self.refuse_unordered(item, field)
        if low is None and high is None:
            return _exists(field)
        # An end that is open is neither in nor out.
        return Range(field, low, high, low is None or item.include_low, high is None or item.include_high)

    def above(self, item: Item, field: str, _depth: int) -> Node:
        self.refuse_unordered(item, field)
        return Range(field, self.bound(item.a, field), None, low_included=item.include)

    def below(self, item: Item, field: str, _depth: int) -> Node:
        self.refuse_unordered(item, field)
        return Range(field, None, self.bound(item.a, field), high_included=item.include)

    def bound(self, item: Item, field: str, *, open_too: bool = False) -> str | None:
        """Read a bound: `*` is none where the other side is written as well."""
        if type(item).__name__ == "Phrase":
            text: str | None = words.phrase(item.value[1:-1])
        else:
            spelling = words.word(item.value, self.query, item.pos)
            if open_too and spelling.pattern == "*":
                return None
            text = spelling.text
        if text is None:
            raise self.wrong(item, _("a bound has no wildcards"), range_hint())
        kind = BY_NAME[field].type if field in BY_NAME else FieldType.KEYWORD
        if not readable(text, kind):
            message = _(_UNREADABLE[kind]).format(text=text, field=field)
            raise self.wrong(item, message, _(_READABLE[kind]))
        return text

    def refuse_unordered(self, item: Item, field: str) -> None:
        """Raise where a range has no field, or one whose values have no order."""
        self.refuse_for_exists(item, field)
        if field == ANY_FIELD:
            raise self.wrong(item, _("a range is of a field"), field_hint())
        if field in BY_NAME and BY_NAME[field].type is FieldType.BOOLEAN:
            raise self.wrong(item, _("{field} is true or false and has no range").format(field=field))

    def refuse_for_exists(self, item: Item, field: str) -> None:
        if field == EXISTS:
            raise self.wrong(item, _("behind _exists_: stands the name of a field"))


_ITEMS: Final[dict[str, Callable[[_Reading, Item, str, int], Node]]] = {
    "AndOperation": _Reading.all_of,
    "OrOperation": _Reading.any_of,
    "Not": _Reading.none_of,
    "Prohibit": _Reading.none_of,
    "Plus": _Reading.wanted,
    "Group": _Reading.group,
    "FieldGroup": _Reading.group,
    "SearchField": _Reading.field,
    "Word": _Reading.word,
    "Phrase": _Reading.phrase,
    "Regex": _Reading.regex,
    "Range": _Reading.range,
    "From": _Reading.above,
    "To": _Reading.below,
}

_UNREADABLE: Final = {
    FieldType.LONG: later("'{text}' is no whole number, as {field} is"),
    FieldType.IP: later("'{text}' is no address, as {field} is"),
    FieldType.DATE: later("'{text}' is no time, as {field} is"),
}
_READABLE: Final = {
    FieldType.LONG: later("write 443, -1 or 0x1bb"),
    FieldType.IP: later("write 10.0.0.1 or 2001:db8::1"),
    FieldType.DATE: later('write 2026-11-20, "2026-11-20 10:14", 2026-11-20T10:14:03+07:00, now-24h or now/d'),
}


def unmapped(network: Network) -> Network:
    """Give a network of IPv4 addresses mapped into IPv6 (RFC 4291, 2.5.5.2) as one of IPv4."""
    if (
        isinstance(network, IPv6Network)
        and (mapped := network.network_address.ipv4_mapped)
        and network.prefixlen >= _MAPPED
    ):
        return IPv4Network((mapped, network.prefixlen - _MAPPED))
    return network


def _exists(field: str) -> Node:
    return Exists(field) if field.strip("*") else Everything()


def _like(field: str, pattern: str) -> Node:
    if field == ANY_FIELD:
        return Like(field, widened(pattern))
    return _meant(Like(field, pattern))


def _equals(field: str, text: str) -> Node:
    return Contains(field, text) if field == ANY_FIELD else _meant(Equals(field, text))


def _meant(leaf: Leaf) -> Leaf:
    return worded(leaf) if leaf.field in TEXT_FIELDS else leaf
