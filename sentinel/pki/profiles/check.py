"""What is wrong with a profile as a whole: fields that do not go together.

Each check is a claim about two fields or more; the place is that of the field that is named first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.language import _
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.certificates.names import ATTRIBUTES
from sentinel.pki.certificates.purposes import ANY_PURPOSE, BY_OID, PURPOSES
from sentinel.pki.model import NameKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.pki.certificates.profile import Profile

    Problem = tuple[str, str, str]
    """A field, what is wrong with it, and a hint."""

_AUTHORITY_USAGES: Final = frozenset({"key_cert_sign", "crl_sign"})
_EXCHANGES: Final = {
    "key_encipherment": frozenset({KeyKind.RSA}),
    "data_encipherment": frozenset({KeyKind.RSA}),
    "key_agreement": frozenset({KeyKind.P256, KeyKind.P384, KeyKind.P521}),
}
"""Usages that only some kinds of keys can have."""


def problems(profile: Profile) -> Iterator[Problem]:
    """Give every pair of fields that do not go together."""
    for each in _CHECKS:
        yield from each(profile)


def _validity(profile: Profile) -> Iterator[Problem]:
    if not 0 < profile.validity <= profile.longest:
        yield (
            "validity.default",
            _("'validity.default' must be longer than nothing, and at most 'validity.longest'"),
            "",
        )


def _keys(profile: Profile) -> Iterator[Problem]:
    if not profile.keys:
        yield "keys.kinds", _("'keys.kinds' is empty: no key would be accepted"), ""
    least, most = profile.rsa_bits
    if least > most:
        yield "keys.rsa_least", _("'keys.rsa_least' is more than 'keys.rsa_most'"), ""
    for usage, kinds in _EXCHANGES.items():
        if usage in profile.key_usage and not kinds & set(profile.keys):
            told = _("'usage.keys' has {usage}, which none of its kinds of keys can do")
            yield "usage.keys", told.format(usage=usage), ", ".join(sorted(kinds))
        elif usage in profile.key_usage and (unable := [kind for kind in profile.keys if kind not in kinds]):
            told = _("'usage.keys' has {usage}, which keys of {kinds} cannot do")
            yield "usage.keys", told.format(usage=usage, kinds=", ".join(unable)), _("make a profile for each")


def _usages(profile: Profile) -> Iterator[Problem]:
    if not profile.key_usage:
        yield "usage.keys", _("'usage.keys' is empty"), ""
    if {"encipher_only", "decipher_only"} & set(profile.key_usage) and "key_agreement" not in profile.key_usage:
        yield "usage.keys", _("encipher_only and decipher_only go with key_agreement"), ""
    signs = _AUTHORITY_USAGES & set(profile.key_usage)
    if profile.authority and "key_cert_sign" not in signs:
        yield "usage.keys", _("an authority needs key_cert_sign"), ""
    if not profile.authority and signs:
        told = _("{usage} is for authorities alone").format(usage=", ".join(sorted(signs)))
        yield "usage.keys", told, _("a profile of an authority has a table [authority]")


def _purposes(profile: Profile) -> Iterator[Problem]:
    if profile.authority is None and not profile.purposes:
        yield "usage.purposes", _("'usage.purposes' is empty: the certificate would be good for anything"), ""
    if ANY_PURPOSE in profile.purposes:
        yield "usage.purposes", _("'usage.purposes' must not be any purpose"), ""
    for name in (BY_OID[oid] for oid in profile.purposes if oid in BY_OID and profile.authority is None):
        purpose = PURPOSES[name]
        if not purpose.usages & set(profile.key_usage):
            told = _("{purpose} needs one of these in 'usage.keys': {usages}")
            yield "usage.purposes", told.format(purpose=name, usages=", ".join(sorted(purpose.usages))), ""
        if purpose.alone and len(profile.purposes) > 1:
            yield "usage.purposes", _("{purpose} must be the only purpose").format(purpose=name), ""
        if purpose.critical and not profile.purposes_critical:
            yield "usage.purposes", _("{purpose} must be critical").format(purpose=name), "critical = true"


def _names(profile: Profile) -> Iterator[Problem]:
    names = profile.names
    if names.least > names.most:
        yield "names.least", _("'names.least' is more than 'names.most'"), ""
    if bool(names.kinds) != bool(names.most):
        yield "names.kinds", _("'names.kinds' and 'names.most' go together"), ""
    if names.wildcard and (NameKind.DNS not in names.kinds or profile.authority):
        yield "names.wildcard", _("'names.wildcard' is for DNS names of servers"), ""
    if profile.authority and NameKind.URI in names.kinds:
        yield "names.kinds", _("what an authority may give is told by dns, ip and email"), ""


def _subject(profile: Profile) -> Iterator[Problem]:
    if not profile.subject and (not profile.names.least or profile.authority):
        yield "subject", _("the subject is empty, and names may be too"), ""
    if profile.authority and "common_name" not in dict(profile.subject):
        yield "subject", _("an authority needs a common_name"), ""
    for attribute, template in profile.subject:
        if "{" not in template and len(template) > ATTRIBUTES[attribute].most:
            told = _("'{name}' has {count} characters, and may have {most}: {text}")
            most = ATTRIBUTES[attribute].most
            yield f"subject.{attribute}", told.format(name=attribute, count=len(template), most=most, text=template), ""


def _revocation(profile: Profile) -> Iterator[Problem]:
    answers = PURPOSES["ocsp_signing"].oid in profile.purposes
    if profile.no_check and (not answers or profile.ocsp):
        told = _("'revocation.no_check' is for OCSP responders, which have 'revocation.ocsp' false")
        yield "revocation.no_check", told, ""
    if profile.shards > 1 and (profile.authority or not profile.lists):
        told = _("'revocation.shards' is for certificates of users that name their list")
        yield "revocation.shards", told, _("certificates of authorities stand in the one full list")


_CHECKS: Final[tuple[Callable[[Profile], Iterator[Problem]], ...]] = (
    _validity,
    _keys,
    _usages,
    _purposes,
    _names,
    _subject,
    _revocation,
)
