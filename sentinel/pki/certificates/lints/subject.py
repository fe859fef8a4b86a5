"""Lints of the subject: its attributes, their forms and lengths, and the agency's code."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from sentinel.language import _
from sentinel.pki.certificates import der
from sentinel.pki.certificates.lints.base import Lint
from sentinel.pki.certificates.names import ATTRIBUTES, attributes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pki.certificates.anatomy import Text
    from sentinel.pki.certificates.lints.base import Look

_BY_OID: Final = {attribute.oid: (name, attribute) for name, attribute in ATTRIBUTES.items()}
_COUNTRY, _COMMON_NAME = ATTRIBUTES["country"].oid, ATTRIBUTES["common_name"].oid
_ALPHA_2: Final = re.compile(rb"[A-Z]{2}")
_PRINTABLE: Final = re.compile(rb"[A-Za-z0-9 '()+,./:=?-]*")
_BLANKS: Final = re.compile(r"^\s|\s$|\s\s")
_ADDRESS: Final = re.compile(r"[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")
_LIKE_A_NAME: Final = re.compile(r"[^\s.@]+(?:\.[^\s.@]+)*\.[^\W\d_]{2,}|\S+@\S+")


def _named(text: Text) -> str:
    return _BY_OID[text.oid][0] if text.oid in _BY_OID else text.oid


def _subject_ordered(look: Look) -> Iterator[str]:
    expected = [(ATTRIBUTES[name].oid, value) for name, value in attributes_of(look.order, look.profile)]
    if expected != [(text.oid, text.text) for text in look.tbs.texts]:
        yield _("the subject is not what the template makes of the order")


def _subject_parts(look: Look) -> Iterator[str]:
    if any(count != 1 for count in look.tbs.parts):
        yield _("a part of the subject has several attributes, or none")
    oids = [text.oid for text in look.tbs.texts]
    if len(set(oids)) != len(oids):
        yield _("an attribute is in the subject twice")


def _has_form(text: Text) -> bool:
    known = _BY_OID.get(text.oid)
    if known is None or not text.raw:
        return False
    if known[1].printable:
        return text.tag == der.PRINTABLE_STRING and _PRINTABLE.fullmatch(text.raw) is not None
    try:
        text.raw.decode()
    except UnicodeDecodeError:
        return False
    return text.tag == der.UTF8_STRING


def _text_form(text: Text) -> Iterator[str]:
    if not _has_form(text):
        yield _("'{name}' is not in its form: UTF8String, or PrintableString").format(name=_named(text))


def _text_country(text: Text) -> Iterator[str]:
    if text.oid == _COUNTRY and not _ALPHA_2.fullmatch(text.raw):
        yield _("the country is not two capital letters of ISO 3166: {text}").format(text=text.text)


def _text_length(text: Text) -> Iterator[str]:
    if text.oid in _BY_OID and len(text.text) > (most := _BY_OID[text.oid][1].most):
        told = _("'{name}' has {count} characters, and may have {most}: {text}")
        yield told.format(name=_named(text), count=len(text.text), most=most, text=text.text)


def _text_letters(text: Text) -> Iterator[str]:
    # Neither controls, formats and what is not assigned, nor separators other than the blank.
    if not text.text.isprintable():
        told = _("'{name}' holds characters that nobody sees: {text}")
        yield told.format(name=_named(text), text=ascii(text.text))


def _text_normal(text: Text) -> Iterator[str]:
    if not unicodedata.is_normalized("NFC", text.text) or _BLANKS.search(text.text):
        told = _("'{name}' is not NFC, or has blanks at an end or two together: {text}")
        yield told.format(name=_named(text), text=ascii(text.text))


@lru_cache(maxsize=4096)
def _fits(pattern: str, code: str) -> bool:
    return re.fullmatch(pattern, code) is not None


def _agency_code(look: Look) -> Iterator[str]:
    if not _fits(look.profile.codes, look.order.agency):
        yield _("'{code}' is no identifier code").format(code=look.order.agency)


def _is_like_a_name(text: str) -> bool:
    if not _ADDRESS.fullmatch(text):
        return _LIKE_A_NAME.fullmatch(text) is not None
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _common_name(look: Look) -> Iterator[str]:
    for text in () if look.profile.authority else look.tbs.texts:
        if text.oid != _COMMON_NAME or any(text.text == name.value for name in look.order.names):
            continue
        if _is_like_a_name(text.text):
            told = _("the common name is one of a host or mailbox, and not among the names: {text}")
            yield told.format(text=text.text)


def _subject_there(look: Look) -> Iterator[str]:
    if not look.tbs.parts and (look.profile.authority or not look.order.names):
        yield _("the subject is empty, and so are the names")
    if look.above and look.tbs.subject == look.above.subject_der and look.profile.authority is None:
        yield _("the subject is the issuer's own name")


LINTS: Final = (
    Lint("subject_ordered", "profile: subject", _subject_ordered),
    Lint("subject_parts", "X.501, 9.3", _subject_parts),
    Lint("subject_there", "RFC 5280, 4.1.2.6", _subject_there),
    Lint("agency_code", "Decision 20/2020/QĐ-TTg", _agency_code),
    Lint("common_name", "BR 7.1.4.3", _common_name),
)
TEXTS: Final = (
    Lint("subject_form", "RFC 5280, 4.1.2.4", _text_form),
    Lint("subject_country", "RFC 5280, A.1", _text_country),
    Lint("subject_length", "RFC 5280, A.1", _text_length),
    Lint("subject_letters", "RFC 4518, 2.4", _text_letters),
    Lint("subject_normal", "RFC 5280, 7.1", _text_normal),
)
