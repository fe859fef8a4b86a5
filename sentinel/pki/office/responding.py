"""Who answers about an authority's certificates: a key and its certificate, which are always of each other.

The certificate in place says which key is used. A new key is on the disk before its certificate is asked for, in a
file of its own; the certificate is replaced as a whole; only then is the key before taken away. Whoever is stopped in
between leaves the old pair or the new one, and at most a key that nothing needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.pki.certificates.build import tbs_of
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Algorithm
from sentinel.pki.office import founding, renewing
from sentinel.pki.office.home import make_folder
from sentinel.pki.register.asking import Item, ask
from sentinel.pki.register.asking import items_of as items_left
from sentinel.pki.register.tables import State
from sentinel.pki.signing import keys
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.people.acting import Acting
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer
    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Register, Request

_SECOND: Final = 1_000_000_000


def key_in_use(home: Home, issuer: str) -> bytes:
    """Give the public key (SPKI, DER) of the certificate in place, b"" where there is none. Raise InputError."""
    path = home.responder_certificate(issuer)
    return parsed(path.read_bytes(), str(path)).spki if path.exists() else b""


def is_there(home: Home, issuer: str) -> bool:
    """Tell whether an authority has a responder: its certificate, and the key of that."""
    used = key_in_use(home, issuer)
    return bool(used) and home.responder_key(issuer, used).exists()


def install(home: Home, register: Register, issuer: Issuer, profile: Profile) -> bool:
    """Put the newest certificate in place where it ends later than the one there, or has another key; tell whether.

    Its key has to be here. Keys that nothing needs any more are taken away. Raise StoreError.
    """
    newest = renewing.responder_newest(register, issuer, profile)
    path = home.responder_certificate(issuer.id)
    if not newest or not _is_next(home, issuer.id, newest):
        return False
    with disk.told(path):
        disk.make_folder(path.parent)
        disk.put(path, newest)
    _tidy(home, register, issuer)
    return True


def _is_next(home: Home, issuer: str, newest: bytes) -> bool:
    path, found = home.responder_certificate(issuer), parsed(newest)
    own = home.next_responder_key(issuer, found.spki)
    if not path.exists():
        return home.responder_key(issuer, found.spki).exists()
    there = parsed(path.read_bytes(), str(path))
    if found.spki == there.spki:
        return found.not_after > there.not_after
    return own.exists() and found.not_after >= there.not_after


def waiting(home: Home, register: Register, issuer: Issuer, profile: Profile, *, new_key: bool) -> Request | None:
    """Give the request for a responder's next certificate that nobody has approved or issued; with `new_key` of one."""
    request = renewing.responder_asked(register, issuer, profile)
    if request is None or not new_key:
        return request
    asked = items_left(register, request, 1)[0].order.public_key
    return request if asked != key_in_use(home, issuer.id) else None


def ask_next(  # noqa: PLR0913, PLR0917 - of whom, by whom and when, with which key
    home: Home,
    register: Register,
    issuer: Issuer,
    profile: Profile,
    by: Acting,
    now: int,
    passphrase: Callable[[], bytes] | None = None,
) -> Request:
    """Ask for a responder's next certificate; with a `passphrase` of a new key, which that encrypts.

    `now` is nanoseconds since 1970, UTC. Raise Refused, InputError, StoreError.
    """
    by.must("pki.request")
    key = _new_key(home, issuer, passphrase()) if passphrase else b""
    had = register.find("authority.id = ? and profile = ?", [issuer.id, profile.id], 1)
    if had:
        order = renewing.responder_order(register, issuer, profile, now // _SECOND, key)
    else:
        order = founding.responder_order(issuer, profile, key, now // _SECOND)
    tbs = founding.linted(tbs_of(order, profile, issuer), order, profile, issuer)
    return ask(register, issuer.id, [Item(order, tbs)], by, now, order.subject["common_name"])


def _new_key(home: Home, issuer: Issuer, passphrase: bytes) -> bytes:
    key = keys.new(Algorithm.ECDSA_P256)
    path = home.next_responder_key(issuer.id, key.spki)
    make_folder(path.parent)
    founding.put_key(path, key, passphrase)
    return key.spki


def _tidy(home: Home, register: Register, issuer: Issuer) -> None:
    """Take keys away that neither the certificate in place nor one that is being issued is of."""
    folder = home.responder_certificate(issuer.id).parent
    used = home.responder_key(issuer.id, key_in_use(home, issuer.id))
    others = {*folder.glob(f"{issuer.id}.pem"), *folder.glob(f"{issuer.id}.*.pem")} - {used}
    for request in register.requests((State.WAITING, State.APPROVED), -1) if others else ():
        items = items_left(register, request, 1) if request.issuer == issuer.id else []
        others -= {home.responder_key(issuer.id, item.order.public_key) for item in items}
    with disk.told(folder):
        for path in others:
            disk.unlink(path)
