"""JSON values to native text.

The same value comes out the same whatever wrote it: integers in decimal, booleans as `true` and `false`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

Text: TypeAlias = "str | list[str] | None"


def text_of(value: object) -> Text:
    """Give a JSON value as native text; a list as a list of texts, an object as its JSON; null as None.

    What is nested too deeply for that gives the texts that it holds.
    """
    if value is None or type(value) is str:
        return value
    try:
        return _text_of(value)
    except RecursionError:
        return list(leaves_of(value))


def _text_of(value: object) -> Text:
    if value is None or type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is list:
        return _texts_of(value)
    if type(value) is dict:
        if value.keys() <= {"#text", "#attributes"}:
            return _text_of(value.get("#text"))
        return msgspec.json.encode(value).decode()
    return str(value)


def _texts_of(values: list[Any]) -> list[str]:
    """Give the texts of a list; lists within it are drawn up into it."""
    texts: list[str] = []
    for value in values:
        text = _text_of(value)
        if isinstance(text, list):
            texts.extend(text)
        elif text is not None:
            texts.append(text)
    return texts


def identity_of(value: object) -> str:
    """Give a channel, provider or event id as rules compare it: lower-case text; of a list, that of its first."""
    found = text_of(value)
    if isinstance(found, list):
        found = found[0] if found else None
    return (found or "").lower()


def leaves_of(value: object) -> Iterator[str]:
    """Give every text that a JSON value holds, at any depth: never a name."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            waiting.extend(reversed(value.values()))
        elif type(value) is list:
            waiting.extend(reversed(value))
        else:
            text = _text_of(value)
            if isinstance(text, str):
                yield text
