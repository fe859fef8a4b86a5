"""A TBSCertificate taken apart, octet by octet, without `cryptography`, which put it together.

What is approved and signed are these bytes, so that the lints read them with other eyes than those that wrote them.
RFC 5280, 4.1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import der

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.pki.certificates.der import Value

_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_TRUE: Final = b"\x01\x01\xff"
_SUBJECT: Final = 5
"""The place of the subject among the fields of a TBSCertificate that has a version (RFC 5280, 4.1)."""
_COMMON_NAME: Final = der.oid("2.5.4.3")
_SAID: Final = (der.OID, der.OCTET_STRING)
_CRITICALLY: Final = (der.OID, der.BOOLEAN, der.OCTET_STRING)
_TAGS: Final = [_VERSION, der.INTEGER, *[der.SEQUENCE] * 5, _EXTENSIONS]


class Text(NamedTuple):
    """One attribute of a name: its OID, the tag and octets of its text, and the text, with U+FFFD where it is none."""

    oid: str
    tag: int
    raw: bytes
    text: str


class Extension(NamedTuple):
    """One extension: its OID, whether it is critical, and what is within its OCTET STRING."""

    oid: str
    critical: bool
    value: bytes


class Time(NamedTuple):
    """One time: its tag and its octets."""

    tag: int
    raw: bytes


class Anatomy(NamedTuple):
    """The parts of a TBSCertificate: values as their contents, but algorithm, names and key with tag and length.

    `parts` is how many attributes each part of the subject has, `texts` all of them; `values` what extensions say, by
    their OIDs.
    """

    version: bytes
    serial: bytes
    algorithm: bytes
    issuer: bytes
    not_before: Time
    not_after: Time
    subject: bytes
    parts: tuple[int, ...]
    texts: tuple[Text, ...]
    key: bytes
    extensions: tuple[Extension, ...]
    values: Mapping[str, bytes]


def of_tbs(tbs: bytes) -> Anatomy:
    """Take a TBSCertificate apart. Raises InputError where it is none, or has what certificates of ours never have."""
    version, serial, algorithm, issuer, validity, subject, key, extensions = _eight(tbs)
    begins, ends = _validity(tbs[validity.start : validity.end])
    parts, texts = _subject(tbs[subject.start : subject.end])
    said = tuple([_extension(tbs[each.start : each.end]) for each in _list(tbs, extensions)])
    return Anatomy(
        tbs[version.content : version.end],
        tbs[serial.content : serial.end],
        tbs[algorithm.start : algorithm.end],
        tbs[issuer.start : issuer.end],
        begins,
        ends,
        tbs[subject.start : subject.end],
        parts,
        texts,
        tbs[key.start : key.end],
        said,
        {each.oid: each.value for each in said},
    )


def common_name(tbs: bytes) -> str:
    """Give the first commonName of the subject of a TBSCertificate, "" where it has none."""
    whole = der.at(tbs)
    subject = der.within(tbs, whole)[_SUBJECT]
    place = tbs.find(_COMMON_NAME, subject.content, subject.end)
    if place < 0:
        return ""
    value = der.at(tbs, place + len(_COMMON_NAME), subject.end)
    return tbs[value.content : value.end].decode("utf-8", "replace")


def _eight(tbs: bytes) -> list[Value]:
    whole = der.at(tbs)
    values = der.within(tbs, whole) if whole.end == len(tbs) and whole.tag == der.SEQUENCE else []
    if [value.tag for value in values] != _TAGS:
        raise InputError(_("not a TBSCertificate: it has other parts"))
    return values


@lru_cache(maxsize=1024)
def _validity(content: bytes) -> tuple[Time, Time]:
    times = der.within(content, der.at(content))
    if len(times) != 2:  # noqa: PLR2004 - from and until
        raise InputError(_("not a TBSCertificate: a validity of other than two times"))
    begins, ends = (Time(each.tag, content[each.content : each.end]) for each in times)
    return begins, ends


def _list(tbs: bytes, outer: Value) -> list[Value]:
    only = der.at(tbs, outer.content, outer.end)
    if only.end != outer.end or only.tag != der.SEQUENCE:
        raise InputError(_("not a TBSCertificate: its extensions are no list"))
    return der.within(tbs, only)


@lru_cache(maxsize=4096)
def _subject(content: bytes) -> tuple[tuple[int, ...], tuple[Text, ...]]:
    """Read a name: how many attributes each part has, and all of them."""
    parts = [_part(content[each.start : each.end]) for each in der.within(content, der.at(content))]
    return tuple(len(part) for part in parts), tuple(text for part in parts for text in part)


@lru_cache(maxsize=4096)
def _part(content: bytes) -> tuple[Text, ...]:
    """Read one RelativeDistinguishedName."""
    whole = der.at(content)
    if whole.tag != der.SET:
        raise InputError(_("not a name: a part that is no set"))
    return tuple(_text(content, each) for each in der.within(content, whole))


def _text(content: bytes, outer: Value) -> Text:
    parts = der.within(content, outer)
    if outer.tag != der.SEQUENCE or len(parts) != 2 or parts[0].tag != der.OID:  # noqa: PLR2004 - type and value
        raise InputError(_("not a name: a part that is no attribute"))
    kind, value = parts
    raw = content[value.content : value.end]
    return Text(der.dotted(content[kind.content : kind.end]), value.tag, raw, raw.decode("utf-8", "replace"))


@lru_cache(maxsize=4096)
def _extension(content: bytes) -> Extension:
    """Read one extension; most are the same, octet by octet, in all certificates of a profile."""
    outer = der.at(content)
    parts = der.within(content, outer)
    tags = tuple(part.tag for part in parts)
    if outer.tag != der.SEQUENCE or tags not in {_SAID, _CRITICALLY}:
        raise InputError(_("not an extension"))
    kind, value = parts[0], parts[-1]
    # FALSE is the default, which DER leaves out (X.690, 11.5), and TRUE has one form (11.1).
    if tags == _CRITICALLY and content[parts[1].start : parts[1].end] != _TRUE:
        raise InputError(_("not an extension"))
    return Extension(
        der.dotted(content[kind.content : kind.end]), tags == _CRITICALLY, content[value.content : value.end]
    )


def values(content: bytes, tag: int = der.SEQUENCE) -> list[tuple[int, bytes]]:
    """Give the tags and contents of what is within the one value of a tag. Raises InputError for another."""
    whole = der.at(content)
    if whole.tag != tag or whole.end != len(content):
        raise InputError(_("not a value of the tag {tag}").format(tag=tag))
    return [(each.tag, content[each.content : each.end]) for each in der.within(content, whole)]


def only(content: bytes, tag: int) -> bytes:
    """Give the content of the one value, of a tag, that `content` is. Raises InputError for another."""
    whole = der.at(content)
    if whole.tag != tag or whole.end != len(content):
        raise InputError(_("not a value of the tag {tag}").format(tag=tag))
    return content[whole.content :]
