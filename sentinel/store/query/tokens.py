r"""The words of a query, as luqum's grammar takes them.

luqum's own lexer cannot be used: it takes operators in capitals only, ends words at every colon, and tells no column of
an error. This one gives the same tokens and leaves the grammar to luqum. It adds a colon before a comparison
(`bytes > 10` is `bytes:>10`) and an AND between terms that nothing else joins, so that a space is an `and`.

**Where a word ends.** At a space, parenthesis, bracket, brace or quote. The first colon, `<` or `>` of a word ends the
name of a field; behind the colon, and in its parentheses, all of them belong to the value (`2001:db8::1`,
`C:\Windows`, `https://…`). A word that can only be a value (`_VALUE`) names no field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sentinel.language import _
from sentinel.store.query.bounds import address
from sentinel.store.query.caret import wrong
from sentinel.store.query.words import of_windows

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_CHARACTERS: Final = 1_000_000
MOST_TOKENS: Final = 20_000
MOST_DEPTH: Final = 100

_SPACE: Final = re.compile(r"\s*")
_WORD: Final = re.compile(r'(?:\\.|[^\s(){}\[\]"\\]|\\\Z)+', re.DOTALL)
_OPERATOR: Final = re.compile(r"(?i:(?P<AND_OP>and|&&)|(?P<OR_OP>or|\|\|)|(?P<NOT>not))(?=[\s()]|\Z)")
# A sign stands directly before a term; `--decode`, and a sign alone, are words.
_SIGN: Final = re.compile(r"(?P<PLUS>\+)(?=[^\s+])|(?P<MINUS>-)(?=[^\s-])|(?P<NOT>!)(?!=)")
_COMPARISON: Final = re.compile(r"(?P<GREATERTHAN>>=?)|(?P<LESSTHAN><=?)")
_FIELD_END: Final = re.compile(r"(?:\\.|[^\\:<>])*?(?=[:<>])", re.DOTALL)
_COMPARED: Final = re.compile(r"\s*(?=[:<>])")
_PHRASE: Final = re.compile(r'"(?:\\.|[^\\"])*"', re.DOTALL)
_REGEX: Final = re.compile(r"/(?:\\.|[^\\/])*/(?=[\s()]|\Z)", re.DOTALL)
_GUID: Final = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_TO: Final = re.compile(r"(?i:to)(?=[\s\]}]|\Z)")
_RANKED: Final = re.compile(r"(?<!\\)(?:\\\\)*(?P<mark>[~^])[0-9.]*\Z")
_EQUALS: Final = re.compile(r"={1,3}|!=")
# Words with colons that no name of a field begins: URLs, paths, times, addresses of hardware, IPv4 with a port.
_VALUE: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://.+|[A-Za-z]:\\.*|[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:.*|([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|([0-9]{1,3}\.){3}[0-9]{1,3}:.*",
    re.DOTALL,
)

_COMPARISONS: Final = frozenset({"GREATERTHAN", "LESSTHAN"})
# What a value follows.
_AWAITING: Final = _COMPARISONS | {"COLUMN"}
# What a term ends with, and what it begins with.
_ENDS: Final = frozenset({"TERM", "PHRASE", "REGEX", "RPAREN", "RBRACKET"})
_BEGINS: Final = frozenset({"TERM", "PHRASE", "REGEX", "LPAREN", "LBRACKET", "NOT", "PLUS", "MINUS"}) | _COMPARISONS


@dataclass(frozen=True, slots=True)
class Token:
    """A token of luqum's grammar; `type`, `value` and `lexpos` (the character, from 0) are PLY's names.

    `lexer` is there for PLY, which sets it where it is missing.
    """

    type: str
    value: Any
    lexpos: int
    text: str
    lexer: None = None

    @property
    def end(self) -> int:
        """The character behind it."""
        return self.lexpos + len(self.text)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A parenthesis or bracket that is open: where, and whether values of a field stand in it."""

    text: str
    at: int
    of_values: bool


@dataclass(slots=True)
class _Reader:
    """Reads a query from left to right; what it has read so far."""

    query: str
    at: int = 0
    tokens: list[Token] = field(default_factory=list)
    opened: list[_Opened] = field(default_factory=list)

    @property
    def last(self) -> str:
        return self.tokens[-1].type if self.tokens else ""

    @property
    def here(self) -> str:
        return self.query[self.at]

    @property
    def in_range(self) -> bool:
        return bool(self.opened) and self.opened[-1].text != "("

    @property
    def of_value(self) -> bool:
        """Whether what stands here belongs to a field's values."""
        return self.last in _AWAITING or (bool(self.opened) and self.opened[-1].of_values)

    def wrong(self, message: str, hint: str = "", at: int | None = None) -> Exception:
        return wrong(self.query, self.at if at is None else at, message, hint)

    def take(self, kind: str, text: str) -> None:
        """Append the token that stands here, with the AND before it where none is written."""
        if kind in _BEGINS and self.last in _ENDS and not self.in_range:
            if self.tokens[-1].end == self.at and (self.last, kind) != ("RPAREN", "LPAREN"):
                raise self.wrong(
                    _("a space is missing here"), _("a text with quotes or parentheses in it goes in quotes")
                )
            self.tokens.append(_token("AND_OP", "", self.at))
        if len(self.tokens) >= MOST_TOKENS:
            raise self.wrong(_("the query has more than {count} parts").format(count=MOST_TOKENS))
        self.tokens.append(_token(kind, text, self.at))
        self.at += len(text)


def tokens(query: str) -> list[Token]:
    """Give the tokens of a query; raise InputError where a character cannot stand."""
    if len(query) > MOST_CHARACTERS:
        raise wrong(
            query, MOST_CHARACTERS, _("the query has more than {count} characters").format(count=MOST_CHARACTERS)
        )
    if lone := re.search("[\ud800-\udfff]", query):
        raise wrong(query, lone.start(), _("this is no character of Unicode"))
    reader = _Reader(query)
    while (at := _skip(query, reader.at)) < len(query):
        reader.at = at
        _read(reader)
    if reader.opened:
        opened = reader.opened[-1]
        raise reader.wrong(_("'{text}' is never closed").format(text=opened.text), at=opened.at)
    return reader.tokens


def _token(kind: str, text: str, at: int) -> Token:
    from luqum.head_tail import TokenValue
    from luqum.tree import Phrase, Regex, Word

    value = {"TERM": Word, "PHRASE": Phrase, "REGEX": Regex}.get(kind, TokenValue)(text)
    value.pos, value.size, value.head, value.tail = at, len(text), "", ""
    return Token(kind, value, at, text)


def _skip(query: str, at: int) -> int:
    found = _SPACE.match(query, at)
    return found.end() if found else at


def _read(reader: _Reader) -> None:
    if reader.in_range:
        _read_bound(reader)
        return
    read = _BY_CHARACTER.get(reader.here)
    if read is None or (reader.here in "+-!" and reader.last in _AWAITING):
        read = _read_word
    read(reader)
    if reader.tokens[-1].type in _ENDS and reader.query[reader.at : reader.at + 1] in {"~", "^"}:
        raise reader.wrong(*_ranking())


def _ranking() -> tuple[str, str]:
    return (
        _("likeness (~) and weight (^) are not supported: events either match or do not"),
        _("leave it out, or put a text with these characters in quotes"),
    )


def _read_bound(reader: _Reader) -> None:
    if reader.here in "]}":
        reader.opened.pop()
        reader.take("RBRACKET", reader.here)
    elif reader.here == '"':
        _read_phrase(reader)
    elif found := _TO.match(reader.query, reader.at):
        reader.take("TO", found[0])
    elif found := _WORD.match(reader.query, reader.at):
        reader.take("TERM", found[0])
    else:
        raise reader.wrong(_("'{text}' cannot stand in a range").format(text=reader.here), range_hint())


def range_hint() -> str:
    """Say how a range is written."""
    return _("a range is written [low TO high], or {low TO high} without its bounds; * is no bound")


def _read_opening(reader: _Reader) -> None:
    if len(reader.opened) >= MOST_DEPTH:
        raise reader.wrong(_("more than {count} parentheses are open").format(count=MOST_DEPTH))
    opened = _Opened(reader.here, reader.at, reader.of_value)
    reader.take("LPAREN", "(")
    reader.opened.append(opened)


def _read_closing(reader: _Reader) -> None:
    if not reader.opened:
        raise reader.wrong(_("'{text}' closes nothing").format(text=")"))
    reader.opened.pop()
    reader.take("RPAREN", ")")


def _read_range(reader: _Reader) -> None:
    if found := _GUID.match(reader.query, reader.at):
        reader.take("TERM", found[0])
        return
    opened = _Opened(reader.here, reader.at, of_values=True)
    reader.take("LBRACKET", reader.here)
    reader.opened.append(opened)


def _read_unopened(reader: _Reader) -> None:
    raise reader.wrong(_("'{text}' closes nothing").format(text=reader.here), range_hint())


def _read_phrase(reader: _Reader) -> None:
    found = _PHRASE.match(reader.query, reader.at)
    if not found:
        raise reader.wrong(
            _("the quotes are never closed"), _(r"a quote inside is written \", a backslash before the last quote \\")
        )
    reader.take("PHRASE", found[0])


def _read_regex(reader: _Reader) -> None:
    """Read an expression; where no lone slash ends it, it is a path."""
    if found := _REGEX.match(reader.query, reader.at):
        reader.take("REGEX", found[0])
    else:
        _read_word(reader)


def _read_sign(reader: _Reader) -> None:
    found = _SIGN.match(reader.query, reader.at)
    if found and found.lastgroup:
        reader.take(found.lastgroup, found[0])
    else:
        _read_word(reader)


def _read_comparison(reader: _Reader) -> None:
    found = _COMPARISON.match(reader.query, reader.at)
    if found and found.lastgroup:
        if not reader.of_value:
            raise reader.wrong(_("nothing stands before '{text}' to compare").format(text=found[0]), field_hint())
        reader.take(found.lastgroup, found[0])


def field_hint() -> str:
    """Say how a field is asked about."""
    return _('write field:value, field >= 10, or "a text" to look for in every field')


def _read_word(reader: _Reader) -> None:
    found = _WORD.match(reader.query, reader.at)
    if not found:  # pragma: no cover - every character that no word has is read elsewhere
        raise reader.wrong(_("'{text}' is not understood here").format(text=reader.here))
    adjacent = reader.last in _AWAITING and reader.tokens[-1].end == reader.at
    operator = None if adjacent else _OPERATOR.match(reader.query, reader.at)
    if operator and operator.lastgroup:
        reader.take(operator.lastgroup, operator[0])
    elif reader.of_value or _is_value(found[0]):
        _take_value(reader, found[0])
    else:
        _take_term(reader, found[0])


def _is_value(word: str) -> bool:
    return ":" in word and bool(_VALUE.fullmatch(word) or address(word.partition("/")[0]) is not None)


def _take_value(reader: _Reader, word: str) -> None:
    ranked = _RANKED.search(word)
    if ranked and not of_windows(word):  # C:\PROGRA~1
        raise reader.wrong(*_ranking(), at=reader.at + ranked.start("mark"))
    reader.take("TERM", word)


def _take_term(reader: _Reader, word: str) -> None:
    """Take a word that may be the name of a field: of a value behind a colon, or of one compared with it."""
    ended = _FIELD_END.match(word)
    name = ended[0] if ended else word
    behind = _COMPARED.match(reader.query, reader.at + len(name))
    if behind is None:
        if _EQUALS.fullmatch(word):
            raise reader.wrong(_("'{text}' compares nothing").format(text=word), field_hint())
        _take_value(reader, word)
        return
    if not name:
        raise reader.wrong(_("the name of a field is missing before ':'"), field_hint())
    reader.take("TERM", name)
    reader.at = behind.end()
    reader.tokens.append(_token("COLUMN", ":", reader.at) if reader.here == ":" else _token("COLUMN", "", reader.at))
    reader.at = reader.tokens[-1].end


_BY_CHARACTER: Final[dict[str, Callable[[_Reader], None]]] = {
    "(": _read_opening,
    ")": _read_closing,
    "[": _read_range,
    "{": _read_range,
    "]": _read_unopened,
    "}": _read_unopened,
    '"': _read_phrase,
    "/": _read_regex,
    "+": _read_sign,
    "-": _read_sign,
    "!": _read_sign,
    "<": _read_comparison,
    ">": _read_comparison,
}
