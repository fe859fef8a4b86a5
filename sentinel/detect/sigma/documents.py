"""Reads the YAML documents of rule files, each with its place, and refuses what could harm.

YAML can do harm in few bytes: aliases that unfold to gigabytes, merge keys that do so while being read, and nesting
that overflows the parser's stack. Of keys that stand twice, YAML libraries keep the last without a word; a rule that
says less than its author wrote is refused instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import yaml

from sentinel.detect.rule_files import LARGEST_FILE
from sentinel.errors import RuleError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"
_MOST_NODES = 100_000
_MOST_KEYS = 1000
_MOST_MERGED = 100
_DEEPEST = 64
_OPENERS = "[{-?:"
_MOST_OPENERS = 2000
"""With fewer of the characters that open a level, no document is deep enough to do harm."""


class Document(NamedTuple):
    """A YAML value, and the lines of its file that it stands on, from 1, the last not included."""

    value: Any
    begin: int
    end: int


class _Loader(_BASE):  # type: ignore[misc, valid-type] # either of two libraries' loaders
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._seen: list[yaml.MappingNode] = []

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge what `<<` names into a mapping, after a look at its own keys; every mapping passes here first."""
        if not any(node is each for each in self._seen):
            _refuse_repeated_keys(node)
            _refuse_many_merged(node)
            if any(key.tag == _MERGE for key, _value in node.value):
                self._seen.append(node)
        super().flatten_mapping(node)
        if len(node.value) > _MOST_KEYS:
            raise _refusal(_("a mapping with more keys than a rule can have"), node)


def _refuse_repeated_keys(node: yaml.MappingNode) -> None:
    names = [(key.tag, key.value) for key, _value in node.value if isinstance(key, yaml.ScalarNode)]
    if len(set(names)) < len(names):
        repeated = next(key for key, _value in reversed(node.value) if names.count((key.tag, key.value)) > 1)
        raise _refusal(_("the key '{key}' stands twice").format(key=repeated.value), repeated)


def _refuse_many_merged(node: yaml.MappingNode) -> None:
    for key, value in node.value:
        if key.tag == _MERGE and len(value.value) > _MOST_MERGED and isinstance(value, yaml.SequenceNode):
            raise _refusal(_("more merged mappings than a rule can have"), key)


def _refusal(problem: str, node: yaml.Node | yaml.Event) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, cast("yaml.error.Mark", node.start_mark))


def documents(content: bytes) -> Iterator[Document]:
    """Give the documents of a rule file, in order; empty ones are passed over.

    Raises RuleError, its place the line where it is known, at the first that cannot be read; those before it have
    been given.
    """
    if len(content) > LARGEST_FILE:
        raise RuleError(_("larger than a rule can be: more than {size} bytes").format(size=LARGEST_FILE))
    text = content.decode("utf-8-sig", "replace")
    found = False
    try:
        _refuse_depth(text)
        for document in _read(text):
            if document.value is not None:
                found = True
                yield document
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        place = str(mark.line + 1) if mark else _line_of_position(text, getattr(error, "position", None))
        raise RuleError(_("not YAML: {reason}").format(reason=reason), place=place) from None
    except (ValueError, RecursionError) as error:
        raise RuleError(_("not YAML: {reason}").format(reason=error)) from None
    if not found:
        raise RuleError(_("holds no rule"))


def _read(text: str) -> Iterator[Document]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            value = loader.construct_document(node)
            if "&" in text and _size(value) > _MOST_NODES:
                raise _refusal(_("its YAML aliases unfold to more than a rule can hold"), node)
            yield Document(value, node.start_mark.line + 1, node.end_mark.line + 1)
    finally:
        loader.dispose()


def _refuse_depth(text: str) -> None:
    """Refuse nesting that would overflow the stack of the parser, which does not look itself."""
    if sum(map(text.count, _OPENERS)) < _MOST_OPENERS:
        return
    depth = 0
    for event in yaml.parse(text, _BASE):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise _refusal(_("nested deeper than a rule can be"), event)


def _line_of_position(text: str, position: int | None) -> str:
    return str(text.count("\n", 0, position) + 1) if position is not None else ""


def _size(value: Any) -> int:  # noqa: ANN401 - any YAML value
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
