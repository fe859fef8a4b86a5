"""The second opinion: OpenSSL's own verification of the same chain, through pyOpenSSL.

It is asked twice: about the chain, and about revocation where lists are given. Where it cannot know, it abstains: it is
given no answers of OCSP responders and no set of policies (pyOpenSSL has no call for it, and without a set OpenSSL
finds no policy valid where one must be), and it finds fewer indirect lists than RFC 5280 allows.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sentinel.language import later
from sentinel.pki.verify.verdict import Check, Second, Unchecked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from OpenSSL.crypto import X509, X509Store, X509StoreContextError

    from sentinel.pki.verify.engine import Given
    from sentinel.pki.verify.parsed import Certificate

_EXTENDED_CRL_SUPPORT: Final = 0x1000
_USE_DELTAS: Final = 0x2000
"""X509_V_FLAG_* of OpenSSL's x509_vfy.h that pyOpenSSL has no names for: indirect lists, and delta lists."""
_NO_EXPLICIT_POLICY: Final = 43
_NO_LIST: Final = frozenset({3, 44})
"""X509_V_ERR_UNABLE_TO_GET_CRL and X509_V_ERR_DIFFERENT_CRL_SCOPE: it has no list that it could ask."""


def second_opinion(given: Given, chain: Sequence[Certificate], *, revocation: bool) -> Second:
    """Ask OpenSSL about the leaf, with the chain that was found, and with every other certificate about revocation."""
    from OpenSSL.crypto import X509StoreFlags as Flags

    strict = Flags.X509_STRICT | Flags.CHECK_SS_SIGNATURE
    path = list(chain[1:]) or [*given.intermediates, *given.roots]
    unsaid: list[Unchecked] = []
    error = _asked(given, path, strict | Flags.POLICY_CHECK)
    if error and error.errors[0] == _NO_EXPLICIT_POLICY:
        unsaid.append(Unchecked(Check.POLICIES, later("OpenSSL is given no set of policies to ask for")))
        error = _asked(given, path, strict)
    if error or not revocation:
        return _told(error, unsaid)
    if not given.crls:
        unsaid.append(Unchecked(Check.REVOCATION, later("OpenSSL checks revocation by lists alone, and none is given")))
        return _told(None, unsaid)
    lists = Flags.CRL_CHECK | Flags.CRL_CHECK_ALL | _EXTENDED_CRL_SUPPORT | _USE_DELTAS
    error = _asked(given, [*path, *given.intermediates], strict | lists, with_lists=True)
    if error and error.errors[0] in _NO_LIST:
        unsaid.append(Unchecked(Check.REVOCATION, later("OpenSSL found no list that it can use"), error.errors[2]))
        error = None
    return _told(error, unsaid)


def _told(error: X509StoreContextError | None, unsaid: Sequence[Unchecked]) -> Second:
    if error is None:
        return Second(holds=True, unsaid=tuple(unsaid))
    _number, depth, words = error.errors
    return Second(holds=False, detail=words, depth=depth, unsaid=tuple(unsaid))


def _asked(
    given: Given, others: Sequence[Certificate], flags: int, *, with_lists: bool = False
) -> X509StoreContextError | None:
    from OpenSSL import crypto

    try:
        store = _store(given, flags, with_lists=with_lists)
        below = [_read(each) for each in dict.fromkeys(each.dump() for each in others)]
        crypto.X509StoreContext(store, _read(given.leaf.dump()), below).verify_certificate()
    except crypto.X509StoreContextError as error:
        return error
    except (crypto.Error, ValueError) as error:
        leaf = crypto.X509()
        return crypto.X509StoreContextError(str(error), [-1, 0, str(error) or "cannot be read"], leaf)
    return None


def _store(given: Given, flags: int, *, with_lists: bool) -> X509Store:
    from cryptography.x509 import load_der_x509_crl
    from OpenSSL.crypto import X509Store

    store = X509Store()
    for root in given.roots:
        store.add_cert(_read(root.dump()))
    for each in given.crls if with_lists else ():
        store.add_crl(load_der_x509_crl(each))
    store.set_flags(flags)
    store.set_time(datetime.fromtimestamp(given.at, UTC))
    return store


def _read(der: bytes) -> X509:
    from OpenSSL.crypto import FILETYPE_ASN1, load_certificate

    return load_certificate(FILETYPE_ASN1, der)
