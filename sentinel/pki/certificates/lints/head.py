"""Lints of serial, validity and key."""

from __future__ import annotations

import calendar
import re
from functools import lru_cache
from time import strptime
from typing import TYPE_CHECKING, Final

from sentinel.language import _
from sentinel.pki.certificates import algorithms, anatomy, der
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.certificates.build import key_id
from sentinel.pki.certificates.lints.base import Lint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pki.certificates.anatomy import Time
    from sentinel.pki.certificates.lints.base import Look

SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.14", "2.5.29.35"
_KEY_ID: Final = 0x80
_MOST_OCTETS, _LEAST_OCTETS = 20, 8
_NEGATIVE: Final = 0x80
_LEAST_EXPONENT: Final = 65537
_FORMS: Final = {
    der.UTC_TIME: (re.compile(rb"[0-9]{12}Z"), "%y%m%d%H%M%SZ"),
    der.GENERALIZED_TIME: (re.compile(rb"[0-9]{14}Z"), "%Y%m%d%H%M%SZ"),
}
_FIRST_GENERALIZED: Final = calendar.timegm((2050, 1, 1, 0, 0, 0))
_RSA: Final = der.oid("1.2.840.113549.1.1.1") + der.NULL


def _curve(dotted: str, octets: int) -> bytes:
    """Give what a SubjectPublicKeyInfo of a named curve begins with, whose point is whole (RFC 5480, 2)."""
    named = der.sequence(der.oid("1.2.840.10045.2.1"), der.oid(dotted))
    point = b"\x04" + bytes(2 * octets)
    return der.sequence(named, der.bits(point))[: -2 * octets]


_CURVES: Final = {
    KeyKind.P256: _curve("1.2.840.10045.3.1.7", 32),
    KeyKind.P384: _curve("1.3.132.0.34", 48),
    KeyKind.P521: _curve("1.3.132.0.35", 66),
}


def _serial_positive(look: Look) -> Iterator[str]:
    if not look.tbs.serial.strip(b"\x00") or look.tbs.serial[0] >= _NEGATIVE:
        yield _("the serial is not positive")


def _serial_length(look: Look) -> Iterator[str]:
    if len(look.tbs.serial) > _MOST_OCTETS:
        yield _("the serial has {count} octets, and may have 20").format(count=len(look.tbs.serial))


def _serial_random(look: Look) -> Iterator[str]:
    if len(look.tbs.serial) < _LEAST_OCTETS:
        yield _("the serial has fewer than 64 bits: it could be foreseen")


def _serial_ordered(look: Look) -> Iterator[str]:
    if der.tlv(der.INTEGER, look.tbs.serial) != der.integer(max(look.order.serial, 0)):
        yield _("the serial is not the one that was ordered")


@lru_cache(maxsize=1024)
def _seconds(time: Time) -> int | None:
    """Give a time as seconds since 1970; None where it has no form of RFC 5280, 4.1.2.5, or is no time."""
    form, layout = _FORMS.get(time.tag, (None, ""))
    if form is None or not form.fullmatch(time.raw):
        return None
    raw = time.raw.decode()
    if time.tag == der.UTC_TIME:  # two digits from 50 on are of 1950 and later (4.1.2.5.1)
        raw, layout = ("19" if raw >= "50" else "20") + raw, "%Y%m%d%H%M%SZ"
    try:
        return calendar.timegm(strptime(raw, layout))
    except ValueError:
        return None


def _time_form(look: Look) -> Iterator[str]:
    for time in (look.tbs.not_before, look.tbs.not_after):
        seconds = _seconds(time)
        if seconds is None or (time.tag == der.GENERALIZED_TIME) != (seconds >= _FIRST_GENERALIZED):
            yield _("a time is not UTCTime until 2049 and GeneralizedTime after: {time}").format(time=repr(time.raw))


def _validity_ordered(look: Look) -> Iterator[str]:
    if (_seconds(look.tbs.not_before), _seconds(look.tbs.not_after)) != (look.order.not_before, look.order.not_after):
        yield _("the validity is not the one that was ordered")


def _validity_lasts(look: Look) -> Iterator[str]:
    if not look.order.not_before < look.order.not_after:
        yield _("it ends before it begins")


def _validity_longest(look: Look) -> Iterator[str]:
    if look.order.not_after - look.order.not_before + 1 > look.profile.longest:
        told = _("it holds for {days} days; profile {profile} allows {most}")
        days = -((look.order.not_before - look.order.not_after - 1) // 86_400)
        yield told.format(days=days, profile=look.profile.id, most=look.profile.longest // 86_400)


def _validity_above(look: Look) -> Iterator[str]:
    if look.above and look.order.not_after > look.above.not_after:
        yield _("it ends after the certificate of its issuer")
    if look.above and look.order.not_before < look.above.not_before:
        yield _("it begins before the certificate of its issuer")


def _key_ordered(look: Look) -> Iterator[str]:
    if look.tbs.key != look.order.public_key:
        yield _("the key is not the one that was ordered")


def _key_kind(look: Look) -> Iterator[str]:
    kind = algorithms.facts(look.tbs.key).kind
    if kind not in look.profile.keys:
        told = _("a key of kind {kind}; profile {profile} accepts {kinds}")
        yield told.format(kind=kind, profile=look.profile.id, kinds=", ".join(look.profile.keys))


def _key_size(look: Look) -> Iterator[str]:
    known = algorithms.facts(look.tbs.key)
    least, most = look.profile.rsa_bits
    if known.kind is KeyKind.RSA and not least <= known.bits <= most:
        told = _("an RSA key of {bits} bits; profile {profile} accepts {least} to {most}")
        yield told.format(bits=known.bits, profile=look.profile.id, least=least, most=most)


def _key_exponent(look: Look) -> Iterator[str]:
    known = algorithms.facts(look.tbs.key)
    if known.kind is KeyKind.RSA and (known.exponent < _LEAST_EXPONENT or not known.exponent % 2):
        told = _("an RSA key with the exponent {exponent}; odd ones from 65537 on are accepted")
        yield told.format(exponent=known.exponent)


def _key_form(look: Look) -> Iterator[str]:
    kind = algorithms.facts(look.tbs.key).kind
    if kind in _CURVES:
        is_so = look.tbs.key.startswith(_CURVES[kind])
    else:
        algorithm, _key = (raw for _tag, raw in anatomy.values(look.tbs.key))
        is_so = kind is not KeyKind.RSA or algorithm == _RSA
    if not is_so:
        yield _("the key is not in the form that all tools read")


def _key_fresh(look: Look) -> Iterator[str]:
    if look.above and look.tbs.key == look.above.spki:
        yield _("the key is the issuer's own")


def _key_identifier(look: Look) -> Iterator[str]:
    if look.tbs.values.get(SUBJECT_KEY) != der.tlv(der.OCTET_STRING, key_id(look.tbs.key)):
        yield _("subjectKeyIdentifier is not that of the key")


def _self_signed(look: Look) -> Iterator[str]:
    if look.above:
        return
    if look.tbs.issuer != look.tbs.subject:
        yield _("its issuer's name is not its own, and there is no issuer")
    if look.tbs.values.get(AUTHORITY_KEY) != der.sequence(der.tlv(_KEY_ID, key_id(look.tbs.key))):
        yield _("authorityKeyIdentifier is not that of its own key, and there is no issuer")


LINTS: Final = (
    Lint("serial_positive", "RFC 5280, 4.1.2.2", _serial_positive),
    Lint("serial_length", "RFC 5280, 4.1.2.2", _serial_length),
    Lint("serial_random", "BR 7.1", _serial_random),
    Lint("serial_ordered", "RFC 5280, 4.1.2.2", _serial_ordered),
    Lint("time_form", "RFC 5280, 4.1.2.5", _time_form),
    Lint("validity_ordered", "RFC 5280, 4.1.2.5", _validity_ordered),
    Lint("validity_lasts", "RFC 5280, 4.1.2.5", _validity_lasts),
    Lint("validity_longest", "profile: validity.longest", _validity_longest),
    Lint("validity_above", "RFC 5280, 6.1.3", _validity_above),
    Lint("key_ordered", "RFC 5280, 4.1.2.7", _key_ordered),
    Lint("key_kind", "profile: keys.kinds", _key_kind),
    Lint("key_size", "profile: keys.rsa_least", _key_size),
    Lint("key_exponent", "BR 6.1.6", _key_exponent),
    Lint("key_form", "RFC 5480, 2; RFC 3279, 2.3.1", _key_form),
    Lint("key_fresh", "RFC 5280, 4.2.1.1", _key_fresh),
    Lint("key_identifier", "RFC 5280, 4.2.1.2", _key_identifier),
    Lint("self_signed", "RFC 5280, 3.2", _self_signed),
)
