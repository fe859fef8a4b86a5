"""Reads rule files with pySigma and compiles them; what cannot be compiled is named with its place and reason."""

from __future__ import annotations

import re
import warnings
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sigma.exceptions import SigmaError
from sigma.modifiers import modifier_mapping
from sigma.rule import SigmaRule

from sentinel.detect.pieces import Entry, Piece, joined
from sentinel.detect.plan import Rejection
from sentinel.detect.sigma import encodings
from sentinel.detect.sigma.compile import NoLogSource, compiled
from sentinel.detect.sigma.documents import Document, documents
from sentinel.errors import RuleError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sentinel.detect.plan import Ruleset

_LONGEST_REASON = 300


def compile_files(files: Iterable[tuple[str, bytes]]) -> Ruleset:
    """Compile the rules of files, given as path and content; of two rules with one id, the first is taken."""
    return joined((path, compile_file(content)) for path, content in files)


def compile_file(content: bytes) -> Piece:
    """Compile every rule of a file; one that is wrong stops no other."""
    encodings.install()
    with warnings.catch_warnings():
        # Python warns of patterns that it will read otherwise one day; they run on RE2.
        warnings.simplefilter("ignore")
        return Piece(tuple(_entries(content)))


def _entries(content: bytes) -> Iterator[Entry]:
    try:
        for document in documents(content):
            yield _entry(content, document)
    except RuleError as error:
        yield _rejected(int(error.place or 1), "", error)


def _entry(content: bytes, document: Document) -> Entry:
    value = document.value
    title = str(value.get("title", "")) if isinstance(value, dict) else ""
    try:
        _refuse_other_kinds(value)
        rule, atoms, variants = compiled(*_parsed(value))
    except RuleError as error:
        return _rejected(document.begin + _line_of(error, _lines(content, document)), title, error)
    line = document.begin + _line_of(RuleError("identifier"), _lines(content, document)) if rule.id else 1
    return Entry(Rejection("", line, title, "", "", fault=False), rule, atoms, variants)


def _lines(content: bytes, document: Document) -> Sequence[str]:
    return content.decode("utf-8-sig", "replace").splitlines()[document.begin - 1 : document.end]


def _rejected(line: int, title: str, error: RuleError) -> Entry:
    reason = error.message if len(error.message) <= _LONGEST_REASON else error.message[:_LONGEST_REASON] + "…"
    return Entry(Rejection("", line, title, reason, error.hint, fault=not isinstance(error, NoLogSource)))


_OTHER_KINDS = {
    "action": later("rule collections of Sigma 1 (`action`) are not read"),
    "correlation": later("correlation rules are not evaluated yet"),
    "filter": later("Sigma filters are not applied yet"),
}


def _refuse_other_kinds(document: Any) -> None:  # noqa: ANN401 - any YAML value
    if not isinstance(document, dict):
        raise RuleError(_("not a Sigma rule: a mapping was expected"))
    for key, reason in _OTHER_KINDS.items():
        if key in document and (key == "action" or "detection" not in document):
            raise NoLogSource(_(reason))
    if "detection" not in document or "logsource" not in document:
        raise RuleError(_("not a Sigma rule: `logsource` and `detection` are needed"))
    detection = document["detection"]
    if isinstance(detection, dict) and detection.get("condition") is None:
        raise RuleError(_("the detection has no condition"))


def _parsed(document: dict[str, Any]) -> tuple[SigmaRule, Sequence[Any]]:
    """Have pySigma read a rule; whatever it raises means that the rule is wrong."""
    try:
        rule = SigmaRule.from_dict(document)
        conditions = [condition.parsed for condition in rule.detection.parsed_condition]
    except SigmaError as error:
        reason = _NULL.sub("null", str(error.args[0])) if error.args else type(error).__name__
        raise RuleError(reason, hint=_hint(reason)) from None
    except Exception as error:  # noqa: BLE001 - its checks are not complete: a wrong type raises whatever it meets
        raise RuleError(_("not a Sigma rule: {reason}").format(reason=str(error) or type(error).__name__)) from None
    return rule, conditions


_UNKNOWN_MODIFIER = re.compile(r"Unknown modifier '(.*)'")
_WRONG_TYPE = re.compile(
    r"Modifier \w+ incompatible to value type of '-?[\d.]+'|Unsupported type: <class '(?!dict|list).*'>"
)
_NULL = re.compile(r"<sigma\.types\.SigmaNull [^>]*>")


def _hint(reason: str) -> str:
    """Say what to do about what pySigma found."""
    unknown = _UNKNOWN_MODIFIER.fullmatch(reason)
    if unknown:
        close = get_close_matches(unknown[1], modifier_mapping, n=1)
        return _("did you mean '{modifier}'?").format(modifier=close[0]) if close else ""
    if _WRONG_TYPE.fullmatch(reason):
        return _("write the value in quotes to have it compared as text")
    return ""


_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"|%([^%]+)%|CIDR expression: (\S+)")
_ATTRIBUTE = re.compile(
    r"\b(?i:(title|identifier|id|status|level|date|modified|tags?|references|author|logsource|log source|related"
    r"|falsepositives|false positives|fields|conditions?|detections?))\b"
)
_ATTRIBUTES = {
    "identifier": "id",
    "log source": "logsource",
    "tag": "tags",
    "conditions": "condition",
    "detections": "detection",
    "false positives": "falsepositives",
}


def _line_of(error: RuleError, lines: Sequence[str]) -> int:
    """Give the line, from 0, of the text that an error is about, else of the attribute, else of the detection.

    The text is looked for in the detection first, where most errors are.
    """
    keys = dict[str, int]()
    for number, line in enumerate(lines):
        keys.setdefault(line.split(":", 1)[0].strip(), number)
    detection = keys.get("detection", 0)
    quoted = [str(each[each.lastindex or 0]) for each in _QUOTED.finditer(error.message)]
    order: list[int] = [*range(detection, len(lines)), *range(detection)]
    for text in filter(None, [error.place, *quoted]):
        for number in order:
            if text in lines[number]:
                return number
    named = [str(name).lower() for name in _ATTRIBUTE.findall(error.message)]
    if "condition" in named:
        return keys.get("condition", detection)
    name = named[0] if named else ""
    return keys.get(_ATTRIBUTES.get(name, name), detection)
