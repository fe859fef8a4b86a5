"""A format of one's own: `log_format` of nginx or `LogFormat` of Apache, given as text, becomes a parser.

nginx: `$remote_addr [$time_local] "$request" $status` (ngx_http_log_module); Apache: `%h %l %u %t "%r" %>s %b`
(mod_log_config, "Custom Log Formats"). A variable takes what stands up to the text behind it, a quoted one minds
escapes; so a line is read in one pass, however it is written, and a format must have some text between two variables.
Fields have nginx's names, Apache's directives those of the variables that mean the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.formats import lines
from sentinel.formats.access_log import KIND, QUOTED
from sentinel.formats.base import Format, Splits
from sentinel.formats.web_event import completed
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentinel.formats.base import Block
    from sentinel.formats.gather import Gatherer

_NGINX = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<name>\w+))", re.ASCII)
_APACHE = re.compile(r"%(?:!?\d{3}(?:,\d{3})*)?[<>]?(?:\{(?P<of>[^}]*)\})?(?P<directive>\^t[io]|[A-Za-z])|%%", re.ASCII)
_QUOTE_ESCAPE = re.compile(r'\\(["\'\\])')
# Directives of Apache → fields; `{}` is the argument in lower case, with underscores.
_DIRECTIVES: Final[Mapping[str, str]] = {
    "a": "remote_addr", "A": "server_addr", "B": "body_bytes_sent", "b": "body_bytes_sent", "D": "request_time_us",
    "f": "request_filename", "h": "remote_addr", "H": "server_protocol", "I": "request_length",
    "k": "keepalive_requests", "l": "ident", "L": "log_id", "m": "request_method", "O": "bytes_sent",
    "p": "server_port", "P": "pid",
    "q": "query_string", "r": "request", "R": "handler", "s": "status", "S": "bytes_transferred", "t": "time_local",
    "T": "request_time", "u": "remote_user", "U": "request_path", "v": "vhost", "V": "host", "X": "connection_status",
}  # fmt: skip
_WITH_ARGUMENT: Final[Mapping[str, str]] = {
    "i": "http_{}", "o": "sent_http_{}", "C": "cookie_{}", "e": "env_{}", "n": "note_{}", "x": "{}", "a": "peer_addr",
    "p": "{}_port", "P": "{}", "t": "time_local", "T": "request_time", "^ti": "trailer_{}", "^to": "sent_trailer_{}",
}  # fmt: skip

_CLOCK: Final = re.compile(r"\d\d:\d\d|^\d{9}|^-$")
# What must be in values for a line to be taken for one of the format: a text between two spaces may be anything.
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "time_local": _CLOCK,
    "time_iso8601": _CLOCK,
    "msec": _CLOCK,
    "status": re.compile(r"^(?:\d{1,3}|-)$"),
    "remote_addr": re.compile(r"^\S+$"),
}
# Variables that no other log has: with one of them blanks will do between variables.
_TELLING: Final = frozenset({"time_local", "time_iso8601", "msec", "request"})
_FEWEST_SEPARATORS: Final = 2


@dataclass(frozen=True, slots=True)
class LogFormat:
    """A log format that was given: its expression, and the field of each group."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]

    def parse(self, line: str) -> dict[str, Any] | None:
        """Read a line; None where it is not of this format."""
        found = self.pattern.fullmatch(line)
        if found is None:
            return None
        event: dict[str, Any] = {}
        for name, value in zip(self.names, found.groups(), strict=True):
            event.setdefault(name, value)
        return completed(event)

    def recognise(self, head: bytes) -> bool:
        """Tell whether most of the first lines are of this format, with values such as its variables have."""
        return lines.most_parse(head, self._plausible)

    def _plausible(self, line: str) -> dict[str, Any] | None:
        event = self.parse(line)
        if event is None or any(not shape.search(str(event.get(name) or "-")) for name, shape in _SHAPES.items()):
            return None
        return event

    def read(self, block: Block, gatherer: Gatherer) -> None:
        """Gather every line of a block."""
        lines.read_lines(block, gatherer, KIND, self.parse)


@dataclass(frozen=True, slots=True)
class _Variable:
    """A variable: its field, and where it stands in the format (from 0)."""

    name: str
    at: int
    bracketed: bool = field(default=False)


def given(option: str) -> Format:
    """Give the format that `NAME=FORMAT` describes; raises InputError with the column where it cannot be understood."""
    name, found, text = option.partition("=")
    if not found or not name.strip() or not text.strip():
        raise InputError(
            _("a log format is given as NAME=FORMAT"),
            place=option,
            hint=_("like {example}").format(example="portal='$remote_addr [$time_local] \"$request\" $status'"),
        )
    made = compiled(text, name.strip())
    return Format(
        name.strip(), _("log format {name}").format(name=name.strip()), made.recognise, lines.cut, made.read,
        Splits.AT_LINES,
    )  # fmt: skip


def compiled(text: str, name: str = "") -> LogFormat:
    """Make a parser of a format; raises InputError, its place `name:column`, columns counted from 1."""
    text = _QUOTE_ESCAPE.sub(r"\1", text.strip("\r\n"))
    parts = list(_nginx_parts(text, name) if _NGINX.search(text) else _apache_parts(text, name))
    variables = [part for part in parts if isinstance(part, _Variable)]
    if not variables:
        raise _wrong(_("no variable is in the format"), name, 0)
    pattern = "".join(_expressions(parts, name))
    _refuse_vague(parts, variables, name)
    return LogFormat(re.compile(pattern), tuple(each.name for each in variables))


def _refuse_vague(parts: list[str | _Variable], variables: list[_Variable], name: str) -> None:
    """Refuse a format that fits lines of any log: nginx lets anyone name variables, so names alone tell nothing."""
    texts = [part for part in parts if isinstance(part, str) and part]
    signs = sum(bool(text.strip()) for text in texts)
    if texts and (any(each.name in _TELLING for each in variables) or signs >= _FEWEST_SEPARATORS):
        return
    hint = _("name the time or the request, such as `$time_local` or `%r`, and what stands around them")
    raise _wrong(_("the format fits lines of any log"), name, variables[0].at, hint)


def _wrong(message: str, name: str, at: int, hint: str = "") -> InputError:
    hint = hint or _("write variables as nginx (`$status`) or Apache (`%>s`) does")
    return InputError(message, place=f"{name}:{at + 1}", hint=hint)


def _nginx_parts(text: str, name: str) -> Iterator[str | _Variable]:
    end = 0
    for found in _NGINX.finditer(text):
        yield _plain(text, end, found.start(), name, "$")
        yield _Variable(found["braced"] or found["name"], found.start())
        end = found.end()
    yield _plain(text, end, len(text), name, "$")


def _apache_parts(text: str, name: str) -> Iterator[str | _Variable]:
    end = 0
    for found in _APACHE.finditer(text):
        yield _plain(text, end, found.start(), name, "%")
        yield "%" if found[0] == "%%" else _directive(found, name)
        end = found.end()
    yield _plain(text, end, len(text), name, "%")


def _plain(text: str, begin: int, end: int, name: str, mark: str) -> str:
    """Give text between variables; a mark of a variable in it is a mistake."""
    wrong = text.find(mark, begin, end)
    if wrong >= 0:
        raise _wrong(_("no variable begins here: {text}").format(text=text[wrong : wrong + 8]), name, wrong)
    return text[begin:end]


def _directive(found: re.Match[str], name: str) -> _Variable:
    letter, of = found["directive"], found["of"]
    known = _DIRECTIVES.get(letter) if of is None else _WITH_ARGUMENT.get(letter)
    if known is None:
        raise _wrong(_("Apache has no such directive: {text}").format(text=found[0]), name, found.start())
    argument = re.sub(r"\W", "_", (of or "").lower())
    return _Variable(known.format(argument), found.start(), bracketed=letter == "t" and of is None)


def _expressions(parts: list[str | _Variable], name: str) -> Iterator[str]:
    merged = _merged(parts)
    for index, part in enumerate(merged):
        if isinstance(part, str):
            yield re.escape(part)
            continue
        before = merged[index - 1] if index else ""
        behind = merged[index + 1] if index + 1 < len(merged) else ""
        if isinstance(behind, _Variable):
            message = _("nothing stands between this variable and the one in front of it")
            raise _wrong(message, name, behind.at, _("put a space or another sign between them"))
        yield _expression(part, str(before), behind)


def _merged(parts: list[str | _Variable]) -> list[str | _Variable]:
    """Join neighbouring texts, and leave out empty ones."""
    merged: list[str | _Variable] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part:
            merged.append(part)
    return merged


def _expression(variable: _Variable, before: str, behind: str) -> str:
    """Give what a variable takes: all up to the text behind it, without looking back."""
    if variable.bracketed:
        return r"\[([^\]]*+)\]"
    if not behind:
        return "(.*+)"
    if behind[0] == '"' and before.endswith('"'):
        return f"({QUOTED})"
    first, rest = re.escape(behind[0]), re.escape(behind[1:])
    if not rest:
        return f"([^{first}]*+)"
    return f"([^{first}]*+(?:{first}(?!{rest})[^{first}]*+)*)"
