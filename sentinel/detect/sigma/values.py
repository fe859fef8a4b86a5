"""Sigma values, as pySigma types them, to atoms.

Text is normalised to Unicode form C here and in the events, so that Vietnamese names match however they were typed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

from sentinel.detect.plan import ANY_CHARACTER, ANY_TEXT, KEYWORD, LITERAL, Atom
from sentinel.errors import RuleError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WILDCARDS = {SpecialChars.WILDCARD_MULTI: ANY_TEXT, SpecialChars.WILDCARD_SINGLE: ANY_CHARACTER}
_GUID = re.compile(r"\{?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\}?", re.IGNORECASE)

_GUID_HEAD = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{0,27}", re.IGNORECASE)
_GUID_TAIL = re.compile(r"[0-9a-f-]{0,23}-[0-9a-f]{12}", re.IGNORECASE)


def atoms_of_value(field: str, value: Any, renames: Mapping[str, str]) -> list[Atom]:  # noqa: ANN401 - pySigma's union
    """Give the atoms any of which answers the value's question.

    Raises RuleError where it cannot be asked; its place is text of the rule that the error is about, where known.
    """
    if isinstance(value, SigmaExpansion):
        return [atom for each in value.values for atom in atoms_of_value(field, each, renames)]
    if isinstance(value, SigmaFieldReference):
        return [_field_reference(field, value, renames)]
    for kind, read in _READERS:
        if isinstance(value, kind):
            atom = read(field, value)
            return [atom, *_as_part_of_guid(atom)]
    raise RuleError(_("not supported: a value of type {kind}").format(kind=type(value).__name__))


def _text(field: str, value: SigmaString) -> Atom:
    parts = [_part(part) for part in value.s]
    if field == KEYWORD:
        # A keyword is looked for anywhere in a value (Sigma specification 2.0, "Keywords").
        parts = [ANY_TEXT, *parts, ANY_TEXT]
    begins, ends = parts[:1] != [ANY_TEXT], parts[-1:] != [ANY_TEXT]
    inner = _without_outer_wildcards(parts)
    if not inner and parts:
        if field == KEYWORD:
            raise RuleError(
                _("a keyword that is in every value"), hint=_("write what to look for, or a field before it")
            )
        return Atom(field, "exists")
    cased = "_cased" if isinstance(value, SigmaCasedString) else ""
    if len(inner) > 1 or inner[:1] == [ANY_CHARACTER]:
        return Atom(field, "glob" + cased, tuple(parts))
    text = inner[0].removeprefix(LITERAL) if inner else ""
    operator = _OPERATORS[begins, ends]
    if operator == "eq" and (guid := _GUID.fullmatch(text)):
        text = "{" + guid[1].lower() + "}"
    return Atom(field, operator + cased, (text,))


_OPERATORS = {(True, True): "eq", (True, False): "startswith", (False, True): "endswith", (False, False): "contains"}


def _as_part_of_guid(atom: Atom) -> list[Atom]:
    """Ask for the beginning or end of a GUID within braces too: events are read so, whoever wrote them."""
    if atom.op == "startswith" and _GUID_HEAD.fullmatch(atom.value[0]):
        return [Atom(atom.field, atom.op, ("{" + atom.value[0],))]
    if atom.op == "endswith" and _GUID_TAIL.fullmatch(atom.value[0]):
        return [Atom(atom.field, atom.op, (atom.value[0] + "}",))]
    return []


def _part(part: object) -> str:
    if isinstance(part, SpecialChars):
        return _WILDCARDS[part]
    if not isinstance(part, str):
        raise RuleError(
            _("a placeholder without values: %{name}%").format(name=getattr(part, "name", part)),
            hint=_("`expand` needs a list of values; write them into the rule"),
        )
    return LITERAL + unicodedata.normalize("NFC", part)


def _refuse_placeholders(text: SigmaString) -> None:
    for part in text.s:
        if not isinstance(part, (str, SpecialChars)):
            _part(part)


def _without_outer_wildcards(parts: list[str]) -> list[str]:
    begin, end = 0, len(parts)
    while begin < end and parts[begin] == ANY_TEXT:
        begin += 1
    while end > begin and parts[end - 1] == ANY_TEXT:
        end -= 1
    return parts[begin:end]


def _number(field: str, value: SigmaNumber) -> Atom:
    return Atom(field, "contains" if field == KEYWORD else "eq", (str(value.number),))


def _boolean(field: str, value: SigmaBool) -> Atom:
    return Atom(field, "eq", ("true" if value.boolean else "false",))


def _regex(field: str, value: SigmaRegularExpression) -> Atom:
    flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
    if not isinstance(value.regexp, SigmaString):
        raise RuleError(
            _("a regular expression is text"), hint=_("write the value in quotes to have it compared as text")
        )
    _refuse_placeholders(value.regexp)
    pattern = (f"(?{flags})" if flags else "") + unicodedata.normalize("NFC", str(value.regexp))
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        raise RuleError(
            _("a regular expression that RE2 cannot run: {reason}").format(reason=str(error).split(": ", 1)[-1]),
            place=str(value.regexp),
            hint=_("look-around and back-references are not supported, since they can be made to hang"),
        ) from None
    return Atom(field, "re", (pattern,))


def _cidr(field: str, value: SigmaCIDRExpression) -> Atom:
    return Atom(field, "cidr", (str(value.network),))


def _comparison(field: str, value: SigmaCompareExpression) -> Atom:
    return Atom(field, value.op.name.lower(), (str(value.number.number),))


def _null(field: str, _value: SigmaNull) -> Atom:
    if field == KEYWORD:
        raise RuleError(_("null is no keyword"), hint=_("write the field that is to be missing before it"))
    return Atom(field, "null")


def _exists(field: str, value: SigmaExists) -> Atom:
    return Atom(field, "exists" if value.exists else "null")


def _timestamp_part(field: str, value: SigmaTimestampPart) -> Atom:
    return Atom(field, "timestamp", (value.timestamp_part.name.lower(), str(value.number)))


def _field_reference(field: str, value: SigmaFieldReference, renames: Mapping[str, str]) -> Atom:
    if field == KEYWORD:
        raise RuleError(_("`fieldref` compares a field; a keyword has none"))
    begins, ends = not value.ends_with, not value.starts_with
    return Atom(field, "fieldref", (renames.get(value.field, value.field), _OPERATORS[begins, ends]))


# Order matters: a subclass stands before its base.
_READERS: tuple[tuple[type, Callable[[str, Any], Atom]], ...] = (
    (SigmaTimestampPart, _timestamp_part),
    (SigmaString, _text),
    (SigmaNumber, _number),
    (SigmaBool, _boolean),
    (SigmaRegularExpression, _regex),
    (SigmaCIDRExpression, _cidr),
    (SigmaCompareExpression, _comparison),
    (SigmaNull, _null),
    (SigmaExists, _exists),
)
