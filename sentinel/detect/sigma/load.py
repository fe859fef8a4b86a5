"""Reads rule files with pySigma and compiles them; what cannot be compiled is named with its place and reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from sentinel.detect.plan import Rejection, Ruleset
from sentinel.detect.sigma.compile import Compiler, NoLogSource
from sentinel.errors import RuleError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST_FILE = 1 << 20
_MOST_NODES = 100_000
_ANCHOR = re.compile(r"(?:^|[\s\[{,:-])&\w", re.MULTILINE)
_QUOTED = re.compile(r"'([^']{2,})'|\"([^\"]{2,})\"")
_UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError)
"""What pySigma lets escape, besides its own errors, from a file that is no Sigma rule at all."""


def compile_files(files: Iterable[tuple[str, bytes]], progress: Callable[[int], None] = lambda _done: None) -> Ruleset:
    """Compile the rules of files, given as path and content; of two rules with one id, the first is taken."""
    compiler = Compiler()
    rejections: list[Rejection] = []
    first: dict[str, str] = {}
    for done, (path, content) in enumerate(files):
        text = content.decode("utf-8", "replace")
        try:
            for document in _documents(text):
                _add(compiler, document, path, first)
        except RuleError as error:
            rejections.append(_rejection(error, path, text))
        progress(done + 1)
    return compiler.ruleset(rejections)


def _documents(text: str) -> list[Any]:
    if len(text) > _LARGEST_FILE:
        raise RuleError(_("larger than a rule can be: {size} bytes").format(size=len(text)))
    try:
        documents = [each for each in yaml.load_all(text, _LOADER) if each is not None]  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or _("not YAML")
        raise RuleError(_("not YAML: {reason}").format(reason=reason), place=str(mark.line + 1) if mark else "") from None
    except (ValueError, RecursionError) as error:
        raise RuleError(_("not YAML: {reason}").format(reason=error)) from None
    if not documents:
        raise RuleError(_("holds no rule"))
    if _ANCHOR.search(text) and _nodes(documents) > _MOST_NODES:
        raise RuleError(_("its YAML aliases unfold to more than a rule can hold"))
    return documents


def _nodes(value: Any) -> int:  # noqa: ANN401 - any YAML value
    """Count the nodes of a document with its aliases unfolded, up to the limit."""
    count, waiting = 0, [value]
    while waiting and count <= _MOST_NODES:
        count += 1
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return count


def _add(compiler: Compiler, document: Any, path: str, first: dict[str, str]) -> None:  # noqa: ANN401
    if not isinstance(document, dict):
        raise RuleError(_("not a Sigma rule: a mapping was expected"))
    for key, reason in _OTHER_KINDS.items():
        if key in document and "detection" not in document:
            raise NoLogSource(_(reason))
    if "detection" not in document or "logsource" not in document:
        raise RuleError(_("not a Sigma rule: `logsource` and `detection` are needed"))
    try:
        rule = SigmaRule.from_dict(document)
        identity = str(rule.id or "")
        if identity and identity in first:
            raise NoLogSource(_("the same id as {path}, which is taken").format(path=first[identity]))
        compiler.add(rule, path)
    except SigmaError as error:
        raise RuleError(_reason(error)) from None
    except _UNREADABLE as error:
        raise RuleError(_("not a Sigma rule: {reason}").format(reason=error or type(error).__name__)) from None
    if identity:
        first[identity] = path


_OTHER_KINDS = {
    "correlation": "correlation rules are not evaluated yet",
    "filter": "Sigma filters are not applied yet",
    "action": "rule collections of Sigma 1 (`action`) are not read",
}


def _reason(error: SigmaError) -> str:
    return str(error.args[0]) if error.args else type(error).__name__


def _rejection(error: RuleError, path: str, text: str) -> Rejection:
    title = re.search(r"^title:\s*(.+)$", text, re.MULTILINE)
    line = int(error.place) if error.place.isdigit() else _line_of(error.message, text)
    return Rejection(
        path, line, title[1].strip() if title else "", error.message, error.hint, not isinstance(error, NoLogSource)
    )


def _line_of(message: str, text: str) -> int:
    """Give the line of the first thing that a message quotes, else of the detection, else 1."""
    for quoted in _QUOTED.finditer(message):
        found = text.find(quoted[1] or quoted[2])
        if found >= 0:
            return text.count("\n", 0, found) + 1
    found = re.search(r"^detection:", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1
