"""Zeek's logs as tables (TSV), each with its header.

See https://docs.zeek.org/en/current/log-formats.html#zeek-tsv-format-logs: `#separator`, `#set_separator`,
`#empty_field`, `#unset_field`, `#path`, `#fields` and `#types` say how the lines behind them are read. A new header in
the middle, as in logs that were joined, holds from there on. The bare names that `zeek-cut -m` writes are a header too.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, cast

from sentinel.formats import zeek
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.gathering import ALL
from sentinel.formats.lines import cut, text_of_line
from sentinel.language import _, later
from sentinel.model.batch import place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.formats.gather import Gatherer, Gathering

    Convert = Callable[[str], Any]

_KEPT: Final = ("separator", "set_separator", "empty_field", "unset_field", "path", "fields", "types")
_DIRECTIVE = re.compile(rb"#(separator|set_separator|empty_field|unset_field|path|fields|types)(?![a-z_])")
_FIELDS = re.compile(rb"^#fields[^a-zA-Z:]", re.MULTILINE)
_BESIDE = re.compile(rb"^#(?:separator |types|path|unset_field)", re.MULTILINE)
_UID = re.compile(r"[CF][0-9A-Za-z]{10,24}(?:,C[0-9A-Za-z]{10,24}){0,99}|-")
_BOOLEANS: Final = {"T": "true", "F": "false"}
_IDENTITIES: Final = frozenset({"uid", "uids"})
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines behind a header are read.

    `numbers` gives each field's place in a line, `converters` what is made of the text there, None where it is text;
    `computed` are the fields that the reader adds.
    """

    path: str
    separator: str
    set_separator: str
    empty: str
    unset: str
    numbers: dict[str, int]
    converters: tuple[Convert | None, ...] = ()
    computed: frozenset[str] = frozenset()

    def text(self, part: str) -> str:
        """Give the text that a field of the table stands for."""
        if part == self.empty:
            return ""
        return zeek.unescaped(part) if "\\" in part else part

    def listed(self, convert: Convert, part: str) -> list[Any]:
        """Give the values of a set or vector, less those that are not set."""
        if part == self.empty:
            return []
        return [convert(each) for each in part.split(self.set_separator) if each != self.unset]


class Row(Mapping[str, Any]):
    """A line as a flat native event, of which only what is asked for is made.

    Of the line's parts, the last may be several that nobody asked for yet.
    """

    __slots__ = ("_layout", "_parts", "_whole")

    def __init__(self, layout: Layout, parts: list[str]) -> None:
        self._layout = layout
        self._parts = parts
        self._whole: dict[str, Any] | None = None

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - the signature of every mapping's get
        """Give the value of a field, `default` where it is not set."""
        layout = self._layout
        number = layout.numbers.get(name)
        if number is None:
            return self.whole().get(name, default) if name in layout.computed else default
        if number >= len(self._parts) - 1:
            self._split_all()
        part = self._parts[number]
        if part == layout.unset:
            return default
        convert = layout.converters[number]
        if convert is not None:
            return convert(part)
        return layout.text(part) if "\\" in part or part == layout.empty else part

    def _split_all(self) -> None:
        if len(self._parts) < len(self._layout.converters):
            self._parts += self._parts.pop().split(self._layout.separator)

    def whole(self) -> dict[str, Any]:
        """Give every field that is set, and those that are computed."""
        if self._whole is None:
            self._split_all()
            layout, parts, event = self._layout, self._parts, dict[str, Any]()
            for name, number in layout.numbers.items():
                part, convert = parts[number], layout.converters[number]
                if part == layout.unset:
                    continue
                if convert is not None:
                    part = convert(part)
                elif "\\" in part or part == layout.empty:
                    part = layout.text(part)
                if part is not None:
                    event[name] = part
            zeek.add_computed(layout.path, event)
            self._whole = event
        return self._whole

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        return self.whole()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self.whole())


def _layout(directives: dict[str, str]) -> Layout | None:
    """Make the layout that a header's directives say; None where they name no fields."""
    names = directives.get("fields", "").split(directives["separator"])
    if not names[0]:
        return None
    path = directives.get("path") or zeek.path_of_columns(frozenset(names))
    known = zeek.TYPES.get(path, {})
    given = directives["types"].split(directives["separator"]) if "types" in directives else []
    types = given if len(given) == len(names) else [known.get(name, "string") for name in names]
    plain = Layout(
        path,
        directives["separator"],
        directives.get("set_separator") or ",",
        directives.get("empty_field", "(empty)"),
        directives.get("unset_field", "-"),
        {name: number for number, name in enumerate(names)},
        computed=zeek.COMPUTED.get(path, frozenset()),
    )
    return replace(plain, converters=tuple(_converter(kind, plain) for kind in types))


def _converter(kind: str, layout: Layout) -> Convert | None:
    if kind.startswith(("set[", "vector[", "table[")):
        return partial(layout.listed, _converter(kind.partition("[")[2].removesuffix("]"), layout) or layout.text)
    return {"bool": _boolean, "double": zeek.double}.get(kind)


def _boolean(part: str) -> str:
    return _BOOLEANS.get(part, part)


@lru_cache(maxsize=256)
def _layout_of(header: tuple[bytes, ...]) -> Layout | None:
    """Read the lines of a header."""
    directives = {"separator": "\t"}
    for line in header:
        text = text_of_line(line)
        name = text[1:].split(" ", 1)[0] if text.startswith("#separator ") else None
        if name:
            directives["separator"] = zeek.unescaped(text.split(" ", 1)[1]) or "\t"
            continue
        name = next(each for each in _KEPT if text.startswith(each, 1))
        directives[name] = text[1 + len(name) :].removeprefix(directives["separator"])
    return _layout(directives)


class _Header:
    """The lines of the header that holds, as they come."""

    def __init__(self, lines: bytes = b"") -> None:
        self._lines: dict[bytes, bytes] = {}
        for line in lines.splitlines():
            self.take(line)

    def take(self, line: bytes) -> None:
        """Take a line that begins with `#`; what says nothing about how lines are read is let pass."""
        found = _DIRECTIVE.match(line)
        if found is None:
            return
        if found[1] == b"separator":
            self._lines.clear()
        self._lines[found[1]] = line.rstrip(b"\r\n")

    def take_names(self, line: bytes) -> None:
        """Take a line of bare names."""
        self._lines = {b"fields": b"#fields\t" + line.rstrip(b"\r\n")}

    def layout(self) -> Layout | None:
        return _layout_of(tuple(self._lines.values()))

    def data(self) -> bytes:
        return b"\n".join(self._lines.values())

    def __bool__(self) -> bool:
        return b"fields" in self._lines


def head(before: bytes, data: bytes) -> bytes:
    """Give the header that holds behind `data`."""
    header = _Header(before)
    if not before:
        first = next(_behind_comments(data), b"")
        if _are_names(first):
            header.take_names(first)
    for line in _comments(data):
        header.take(line)
    return header.data()


def _comments(data: bytes) -> Iterator[bytes]:
    begin = 0 if data.startswith(b"#") else data.find(b"\n#") + 1 or -1
    while begin >= 0:
        end = data.find(b"\n", begin)
        yield data[begin : end if end >= 0 else len(data)]
        begin = data.find(b"\n#", begin) + 1 or -1


def _behind_comments(data: bytes) -> Iterator[bytes]:
    return (line for line in io.BytesIO(data) if not line.startswith(b"#"))


def _are_names(line: bytes) -> bool:
    """Tell whether a line is names of fields of one of Zeek's logs, the identity of the connection among them."""
    names = text_of_line(line).split("\t")
    return (
        len(names) >= _FEWEST
        and not _IDENTITIES.isdisjoint(names)
        and any(kinds.keys() >= set(names) for kinds in zeek.TYPES.values())
    )


def recognise(data: bytes) -> bool:
    """Tell whether a header of Zeek is among the first lines, or bare names with connections below them."""
    if _FIELDS.search(data) and _BESIDE.search(data):
        return True
    lines = _behind_comments(data)
    names = next(lines, b"")
    if not _are_names(names):
        return False
    columns = text_of_line(names).split("\t")
    column = next(number for number, name in enumerate(columns) if name in _IDENTITIES)
    uids = [text_of_line(line).split("\t")[column : column + 1] for line in lines]
    return bool(uids) and all(uid and _UID.fullmatch(uid[0]) for uid in uids[: len(uids) - 1 or 1])


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    header = _Header(block.head if block.offset else b"")
    into = _Into(header, gatherer)
    position, events = place(block.source, block.offset), 0
    bare = not block.offset
    for number, line in enumerate(io.BytesIO(block.data).readlines()):
        if line.startswith(b"#"):
            header.take(line)
            into = _Into(header, gatherer)
        elif into.take(line, position):
            events += 1
        elif bare and not header and _are_names(line):
            header.take_names(line)
            into = _Into(header, gatherer)
        elif line.strip():
            gatherer.fault(position, into.why(), block.line and block.line + number)
        position += len(line)
    gatherer.took(events, len(block.data))


class _Into:
    """Takes the lines behind a header into what gathers them."""

    __slots__ = ("_gathering", "_layout", "_separator", "_separators", "_split")

    def __init__(self, header: _Header, gatherer: Gatherer) -> None:
        self._layout = header.layout() if header else None
        self._gathering: Gathering | None = None
        self._separator, self._separators, self._split = b"\t", -1, -1
        if self._layout:
            self._gathering = gatherer.of(zeek.kind_of(self._layout.path))
            self._separator = self._layout.separator.encode()
            self._separators = len(self._layout.converters) - 1
            self._split = self._last_wanted(self._gathering.fields or ()) + 1

    def _last_wanted(self, fields: tuple[str, ...]) -> int:
        """Give the place in a line of the last field that is asked for: what is behind it need not be split."""
        numbers = self._layout.numbers if self._layout else {}
        return max((numbers.get(field, self._separators) for field in fields), default=0)

    def take(self, line: bytes, position: int) -> bool:
        """Take a line; tell whether it has the fields that the header names."""
        if line.count(self._separator) != self._separators or self._gathering is None or self._layout is None:
            return False
        gathering = self._gathering
        if gathering.fields is not None:
            try:
                text = line.rstrip(b"\r\n").decode()
            except UnicodeDecodeError:
                text = text_of_line(line)
            row = Row(self._layout, text.split(self._layout.separator, self._split))
            # Where some fields are asked for, a row is only looked at, and serves as well as a dictionary.
            whole = gathering.view or gathering.fields is ALL
            gathering.take(row.whole() if whole else cast("dict[str, Any]", row), line, position)
        return True

    def why(self) -> str:
        """Say why a line was not taken."""
        if self._layout is None:
            return _("a line without a header that says how it is read")
        return _("a line that has not the fields that its header names")


FORMAT = Format("zeek", later("Zeek log (TSV)"), recognise, cut, read, Splits.NEVER, head=head)
