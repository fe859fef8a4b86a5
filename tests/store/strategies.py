"""Generated events and queries: missing fields, lists, overflow, every type, Vietnamese in both its forms."""

from __future__ import annotations

import unicodedata
from ipaddress import ip_network
from itertools import chain
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from sentinel.model.field import FieldType
from sentinel.store.query import tree

if TYPE_CHECKING:
    from collections.abc import Mapping

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# 2026-11-20T03:14:03Z
NOW = 1_795_144_443_000_000_000
HOUR = 3600 * 10**9

KEYWORDS = ("user.name", "process.executable", "event.action", "winlog.event_data.Image", "message", "event.original")
# Column → its type; those of `related` hold lists.
TYPES: Mapping[str, FieldType] = {
    **dict.fromkeys((*KEYWORDS, "process.command_line", "related.user"), FieldType.KEYWORD),
    **dict.fromkeys(("source.ip", "related.ip"), FieldType.IP),
    **dict.fromkeys(("source.port", "event.sequence"), FieldType.LONG),
    **dict.fromkeys(("@timestamp", "event.created"), FieldType.DATE),
    "file.code_signature.signed": FieldType.BOOLEAN,
}
LISTS = frozenset({"related.user", "related.ip"})
PATTERNS = ("*", "process.*", "*.ip", "event.*", "*.*t*")
UNKNOWN = "user.nothing"

_WORDS = (
    "Nguyễn Văn Đức",
    "nguyễn văn đức",
    "nguyen van duc",
    "Đặng",
    "ĐẶNG THỊ ở",
    r"C:\Windows\System32\cmd.exe",
    r"c:\windows\system32\CMD.EXE",
    r"\\server\share$",
    "10.0.0.1",
    "::ffff:10.0.0.1",
    "2001:DB8::1",
    "443",
    "0x1bb",
    "-",
    "true",
    "a*b?c",
    "100%_x",
    "İstanbul straße ΣΑΣ",
    "line\nbreak\ttab\x00nul\x1b[0m",
    '"quoted" (text) [x] {y}',
    "and",
    "/etc/passwd",
    "가나다",
    "🦉",
)
_PIECES = tuple(sorted({*'aeđăễ0.:/\\*?"%_- ', "Ngu", "win", "SYS", "10", "đ", "Σ"}))


def both_forms(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Give texts in NFC and in NFD."""
    return st.builds(unicodedata.normalize, st.sampled_from(["NFC", "NFD"]), text)


texts = both_forms(
    st.one_of(
        st.sampled_from(_WORDS),
        st.lists(st.sampled_from(_PIECES), max_size=4).map("".join),
        st.just(""),
        st.text(st.characters(codec="utf-8", max_codepoint=0x1EFF), max_size=6),
    )
)
numbers = st.one_of(st.sampled_from([0, 1, 443, -1, 1 << 40, -(1 << 63), (1 << 63) - 1]), st.integers(400, 500))
addresses = st.sampled_from(
    ["10.0.0.1", "10.0.0.2", "10.255.0.9", "192.168.1.1", "2001:db8::1", "fe80::1", "::", "::1"]
)
instants = st.one_of(
    st.integers(-48, 48).map(lambda hours: NOW + hours * HOUR),
    st.integers(NOW - 2 * HOUR, NOW + 2 * HOUR),
    st.sampled_from([0, -1, NOW + 1]),
)
_VALUES: Mapping[FieldType, st.SearchStrategy[Any]] = {
    FieldType.KEYWORD: texts,
    FieldType.IP: addresses,
    FieldType.LONG: numbers,
    FieldType.DATE: instants,
    FieldType.BOOLEAN: st.booleans(),
}


def _column(name: str) -> st.SearchStrategy[Any]:
    values = _VALUES[TYPES[name]]
    return st.lists(values, max_size=3) if name in LISTS else values


_columns = st.fixed_dictionaries({}, optional={name: _column(name) for name in TYPES})
# What did not fit stands by the name of a column that then has no value of its own, or only some of its list.
_overflow = st.dictionaries(
    st.sampled_from([name for name, kind in TYPES.items() if kind is not FieldType.KEYWORD and name != "@timestamp"]),
    texts,
    max_size=2,
)


@st.composite
def events(draw: st.DrawFn, *, with_time: bool = True) -> dict[str, Any]:
    """Give an event: times in nanoseconds, addresses in canonical text, `_overflow` where something did not fit."""
    event = draw(_columns)
    if with_time and "@timestamp" not in event:
        event["@timestamp"] = draw(instants)
    if overflow := draw(_overflow):
        for name in overflow:
            if name not in LISTS:
                event.pop(name, None)
        event["_overflow"] = overflow
    return event


def normal(text: str) -> str:
    """Give a text as `parse` gives it."""
    return unicodedata.normalize("NFC", text)


sought = texts.map(normal)
_TIMES = (
    "2026-11-20",
    "2026-11-19",
    "2026-11-20T10:14",
    "2026-11-20T10:14:03",
    "2026-11-20+00:00",
    "now",
    "2026-11-20T03:14:03Z",
    "now/d",
    "now-1d/d",
    "now-24h",
    "now-2d",
)
READABLE: Mapping[FieldType, st.SearchStrategy[str]] = {
    FieldType.KEYWORD: sought,
    FieldType.IP: st.one_of(addresses, st.sampled_from(["::ffff:10.0.0.1", "2001:DB8::1", "fe80::1%eth0"])),
    FieldType.LONG: st.one_of(numbers.map(str), st.sampled_from(["0x1bb", "+443", "9" * 30, "-" + "9" * 30])),
    FieldType.DATE: st.sampled_from(_TIMES),
    FieldType.BOOLEAN: st.sampled_from(["true", "False"]),
}
named = st.sampled_from([*TYPES, UNKNOWN])
fields = st.one_of(named, named, st.sampled_from(PATTERNS))


def _readable(field: str) -> st.SearchStrategy[str]:
    return READABLE[TYPES.get(field, FieldType.KEYWORD)]


@st.composite
def _equals(draw: st.DrawFn) -> tree.Node:
    field = draw(st.one_of(st.just(""), fields))
    text = draw(st.one_of(_readable(field), sought, READABLE[FieldType.IP], READABLE[FieldType.LONG]))
    return tree.Contains(field, text) if not field or field in tree.TEXT_FIELDS else tree.Equals(field, text)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


@st.composite
def _like(draw: st.DrawFn) -> tree.Node:
    field = draw(st.one_of(st.just(""), fields))
    literal = st.one_of(st.sampled_from(_PIECES), st.sampled_from(_WORDS), st.text(max_size=3)).map(_escaped)
    parts = draw(st.lists(st.one_of(literal, st.sampled_from("*?")), max_size=5))
    kept = [part for at, part in enumerate(parts) if part != "*" or parts[at - 1 : at] != ["*"]]
    kept = kept if {"*", "?"} & set(kept) else [*kept, "?"]
    if not field or field in tree.TEXT_FIELDS:
        kept = ["*" * (kept[0] != "*"), *kept, "*" * (kept[-1] != "*")]
    pattern = normal("".join(kept))
    if pattern == "*" or "**" in pattern.replace("\\\\", "").replace("\\*", ""):
        return tree.Exists(field) if field.strip("*") else tree.Everything()
    return tree.Like(field, pattern)


@st.composite
def _range(draw: st.DrawFn) -> tree.Node:
    field = draw(fields.filter(lambda name: TYPES.get(name) is not FieldType.BOOLEAN))
    low, high = draw(st.one_of(st.none(), _readable(field))), draw(st.one_of(st.none(), _readable(field)))
    if low is None and high is None:
        return tree.Exists(field) if field != "*" else tree.Everything()
    return tree.Range(field, low, high, low is None or draw(st.booleans()), high is None or draw(st.booleans()))


_expressions = st.sampled_from(
    [".*", "ngu.*", "[a-c].*", "[0-9]+", "", r"c:\\.*\\cmd\.exe", "(10|192)[.].*", "a/b|443", ".+đ.*"]
)
_networks = st.sampled_from(["10.0.0.0/8", "10.0.0.1/32", "0.0.0.0/0", "2001:db8::/32", "::/0", "fe80::/10"]).map(
    ip_network
)
_any_field = st.one_of(st.just(""), fields)
leaves: st.SearchStrategy[tree.Node] = st.one_of(
    _equals(),
    _equals(),
    _like(),
    _range(),
    st.builds(tree.Matches, _any_field, _expressions),
    st.builds(tree.Within, _any_field, _networks),
    st.builds(tree.Exists, fields.filter(lambda name: name != "*")),
    st.just(tree.Everything()),
)


def _all(nodes: list[tree.Node]) -> tree.Node:
    return tree.And(tuple(chain.from_iterable(each.nodes if isinstance(each, tree.And) else (each,) for each in nodes)))


def _any(nodes: list[tree.Node]) -> tree.Node:
    return tree.Or(tuple(chain.from_iterable(each.nodes if isinstance(each, tree.Or) else (each,) for each in nodes)))


nodes: st.SearchStrategy[tree.Node] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(_all),
        st.lists(inner, min_size=2, max_size=3).map(_any),
        st.builds(tree.Not, inner),
    ),
    max_leaves=6,
)
queries = st.builds(tree.Query, nodes, st.booleans())
