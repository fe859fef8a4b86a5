"""Names of subjects: their attributes, and how templates are filled.

Texts are UTF8String, so that Vietnamese names stand as they are written, in the Unicode form NFC (RFC 5280, 4.1.2.4);
countries and serial numbers are PrintableString (RFC 5280, A.1). Lengths are bounds of characters, not of octets.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import der
from sentinel.pki.certificates.profile import AGENCY, FIELD, LONGEST_COMMON_NAME, NAME
from sentinel.pki.model import NameKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Order


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of names: its OID, the most characters it may have, and whether they are of PrintableString."""

    oid: str
    most: int
    printable: bool = False


ATTRIBUTES: Final[Mapping[str, Attribute]] = {
    "country": Attribute("2.5.4.6", 2, printable=True),
    "province": Attribute("2.5.4.8", 128),
    "locality": Attribute("2.5.4.7", 128),
    "organization": Attribute("2.5.4.10", 64),
    "organization_identifier": Attribute("2.5.4.97", 256),
    "organizational_unit": Attribute("2.5.4.11", 64),
    "title": Attribute("2.5.4.12", 64),
    "surname": Attribute("2.5.4.4", 64),
    "given_name": Attribute("2.5.4.42", 64),
    "serial_number": Attribute("2.5.4.5", 64, printable=True),
    "common_name": Attribute("2.5.4.3", LONGEST_COMMON_NAME),
}
"""The attributes that templates may have, in the order in which they stand in a name, and their upper bounds.

Bounds as RFC 5280, A.1 (`ub-…`); it lets surnames and given names have 32,768 characters and says nothing of
organizationIdentifier, which X.520 bounds by 256.
"""


def attributes_of(order: Order, profile: Profile) -> tuple[tuple[str, str], ...]:
    """Give the attributes of an order's subject with their values, in order; what is empty is left out.

    Raises InputError where a field that must be there is missing, or one is there that the template does not have.
    """
    fields = profile.fields
    if unknown := [field for field in order.subject if field not in fields]:
        close = get_close_matches(unknown[0], fields, n=1)
        every = _("fields: {names}").format(names=", ".join(fields))
        raise InputError(
            _("profile {profile} has no field '{name}' of subjects").format(profile=profile.id, name=unknown[0]),
            hint=_("did you mean '{name}'?").format(name=close[0]) if close else every,
        )
    values = {**order.subject, AGENCY: order.agency, NAME: _first_name(order)}
    found = []
    for attribute, pieces in _templates(profile):
        texts = [values.get(piece.text, "") if piece.is_field else piece.text for piece in pieces]
        if "" in texts:
            _check_there(pieces, texts, profile)
        if text := texts[0] if len(texts) == 1 else "".join(texts).strip():
            found.append((attribute, text))
    return tuple(found)


def subject_der(order: Order, profile: Profile) -> bytes:
    """Give an order's subject, DER (RFC 5280, 4.1.2.6). Raises InputError as `attributes_of`."""
    return der.tlv(der.SEQUENCE, b"".join(_part(*each) for each in attributes_of(order, profile)))


def _first_name(order: Order) -> str:
    """Give the first DNS name that a common name has room for; "" where there is none."""
    fitting = (name.value for name in order.names if name.kind is NameKind.DNS)
    return next((value for value in fitting if len(value) <= LONGEST_COMMON_NAME), "")


class _Piece(NamedTuple):
    """A piece of a template: a field, which may be empty or not, or a text."""

    text: str
    is_field: bool
    optional: bool


@lru_cache(maxsize=64)
def _templates(profile: Profile) -> tuple[tuple[str, tuple[_Piece, ...]], ...]:
    return tuple((attribute, tuple(_pieces(template))) for attribute, template in profile.subject)


def _pieces(template: str) -> Iterator[_Piece]:
    place = 0
    for found in FIELD.finditer(template):
        if found.start() > place:
            yield _Piece(template[place : found.start()], is_field=False, optional=True)
        yield _Piece(found[1], is_field=True, optional=bool(found[2]))
        place = found.end()
    if place < len(template):
        yield _Piece(template[place:], is_field=False, optional=True)


def _check_there(pieces: Sequence[_Piece], texts: Sequence[str], profile: Profile) -> None:
    for piece, text in zip(pieces, texts, strict=True):
        if not text and not piece.optional:
            raise InputError(
                _("profile {profile} needs '{name}' of the subject").format(profile=profile.id, name=piece.text)
            )


@lru_cache(maxsize=4096)
def _part(attribute: str, text: str) -> bytes:
    """Give one part of a name. Raises InputError where its text cannot stand in it."""
    known = ATTRIBUTES[attribute]
    if len(text) > known.most:
        told = _("'{name}' has {count} characters, and may have {most}: {text}")
        raise InputError(told.format(name=attribute, count=len(text), most=known.most, text=text))
    try:
        raw = text.encode("ascii" if known.printable else "utf-8")
    except UnicodeEncodeError:
        raise InputError(
            _("'{name}' has letters that it may not have: {text}").format(name=attribute, text=ascii(text))
        ) from None
    value = der.tlv(der.PRINTABLE_STRING if known.printable else der.UTF8_STRING, raw)
    return der.tlv(der.SET, der.sequence(_oid(known.oid), value))


@lru_cache(maxsize=64)
def _oid(dotted: str) -> bytes:
    return der.oid(dotted)
