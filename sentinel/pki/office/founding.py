"""Authorities are founded: a root, an authority that issues, and who answers about its certificates.

The root signs itself; whatever else is issued here goes the way of every certificate: asked for, approved by somebody
else, written down, signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.pki.certificates.algorithms import assemble
from sentinel.pki.certificates.build import period, tbs_of
from sentinel.pki.certificates.lint import lint
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Algorithm, Issuer, Name, Order
from sentinel.pki.office.home import ROOT, Home, make_folder
from sentinel.pki.office.signers import finish, signer
from sentinel.pki.register import asking, founding
from sentinel.pki.register.asking import Item
from sentinel.pki.register.issuing import Issuance
from sentinel.pki.requests.wanted import serial
from sentinel.pki.signing import home as signer_home
from sentinel.pki.signing import keys
from sentinel.pki.signing.approvals import Approval, Need, What, check_one
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sentinel.people.acting import Acting
    from sentinel.people.register import People
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.register.file import Authority, Register
    from sentinel.pki.signing.client import Client
    from sentinel.pki.signing.keys import FileKey

ROOT_PROFILE, ISSUING_PROFILE, RESPONDER_PROFILE = "root", "issuing-authority", "ocsp-responder"
_SECOND: Final = 1_000_000_000
_HOLDS: Final = 3600 * _SECOND
"""How long the approval of a founding holds: it is used at once."""


@dataclass(frozen=True, slots=True)
class Founding:
    """What is to be founded: who runs the authorities, what they are called, and what the issuing one may name.

    `agency` is the identifier code of `organization`. `id` is what commands call the issuing authority, `url` where its
    lists and answers will be served from. `names` are the domains, networks and mail domains that it may give.
    """

    organization: str
    agency: str
    root: str
    issuing: str
    id: str
    url: str
    names: tuple[Name, ...]
    algorithm: Algorithm = Algorithm.ECDSA_P256
    root_algorithm: Algorithm = Algorithm.ECDSA_P384


@dataclass(frozen=True, slots=True)
class Founder:
    """Who founds: who asks, who agrees with a key, the register of people, the passphrase of keys, and a clock.

    `passphrases` are those of single keys by their names, where they have others.
    """

    by: Acting
    approver: Acting
    people: People
    people_file: Path
    passphrase: bytes = field(repr=False)
    clock: Callable[[], int]
    passphrases: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def passphrase_of(self, key: str) -> bytes:
        """Give the passphrase of a key of the signer."""
        return self.passphrases.get(key, self.passphrase)

    def approval(self, what: What, issuer: str, digest: bytes, count: int = 1) -> Approval:
        """Give the approver's agreement, signed; raise Refused where it would not count."""
        now = self.clock()
        if self.approver.key is None:
            raise Refused(_("an approval is signed: give the key of who approves"))
        made = Approval(what, issuer, digest, count, self.by.name, self.approver.name, now, now + _HOLDS)
        made = made.signed(self.approver.key)
        check_one(made, Need(what, issuer, digest, count), self.people, now)
        return made


def found(home: Home, wanted: Founding, founder: Founder, profiles: Mapping[str, Profile]) -> list[Authority]:
    """Found a root, an issuing authority below it, and its responder; give both authorities.

    Raise Refused, InputError where there are authorities here already or a profile does not allow it, StoreError.
    """
    register = home.register(write=True)
    try:
        if register.authorities():
            raise InputError(_("there are authorities here already"), place=str(home.folder))
        root = _root(home, register, wanted, founder, profiles[ROOT_PROFILE])
        issuing = issue_below(home, register, wanted, founder, profiles[ISSUING_PROFILE])
        answering(home, register, issuing, founder, profiles[RESPONDER_PROFILE], wanted)
    finally:
        register.close()
    return [root, issuing]


def _root(home: Home, register: Register, wanted: Founding, founder: Founder, profile: Profile) -> Authority:
    key = keys.new(wanted.root_algorithm)
    bare = Issuer(ROOT, b"", wanted.root_algorithm, ROOT, wanted.url, profile.policies)
    order = _order(profile, bare, wanted, founder, wanted.root, key.spki)
    tbs = _linted(tbs_of(order, profile, bare), order, profile, bare)
    digest = sha256(tbs).digest()
    approval = founder.approval(What.AUTHORITY, ROOT, digest)
    subject = _subject_of(tbs)
    _keep(home, ROOT, wanted.root_algorithm, key, subject, founder.passphrase_of(ROOT))
    intent = founding.plan(register, ROOT, tbs, approval, founder.by, founder.clock())
    with _signing(home, founder, ROOT) as client:
        from sentinel.pki.signing.client import Batch

        (signature,) = client.sign(Batch(ROOT, "certificate", [tbs], [intent], [approval]))
    certificate = assemble(tbs, wanted.root_algorithm, signature)
    issuer = Issuer(ROOT, certificate, wanted.root_algorithm, ROOT, wanted.url, profile.policies)
    finish(issuer, tbs, signature)
    return founding.found(register, issuer, "root", "", founder.by, founder.clock())


def issue_below(home: Home, register: Register, wanted: Founding, founder: Founder, profile: Profile) -> Authority:
    """Found an authority that issues, below the root. Raise Refused, InputError, StoreError."""
    root = register.authority(ROOT).issuer
    key = keys.new(wanted.algorithm)
    order = _order(profile, root, wanted, founder, wanted.issuing, key.spki, wanted.names)
    certificate = _issued(home, register, root, order, profile, founder, What.AUTHORITY)
    subject = parsed(certificate).subject_der
    _keep(home, wanted.id, wanted.algorithm, key, subject, founder.passphrase_of(wanted.id))
    issuer = Issuer(wanted.id, certificate, wanted.algorithm, wanted.id, wanted.url, profile.policies)
    return founding.found(register, issuer, "issuing", ROOT, founder.by, founder.clock())


def answering(  # noqa: PLR0913, PLR0917 - who answers about whom, made where, by whom
    home: Home, register: Register, authority: Authority, founder: Founder, profile: Profile, wanted: Founding
) -> None:
    """Make who answers about an authority's certificates: a key of its own, and a certificate for days."""
    issuer = authority.issuer
    key = keys.new(Algorithm.ECDSA_P256)
    place = home.responder_key(issuer.id)
    make_folder(place.parent)
    name = _("{issuing}: OCSP").format(issuing=wanted.issuing)
    order = _order(profile, issuer, wanted, founder, name, key.spki)
    certificate = _issued(home, register, issuer, order, profile, founder, What.CERTIFICATES)
    keys.write(place, key, founder.passphrase)
    with disk.told(place.parent):
        disk.put(home.responder_certificate(issuer.id), certificate)


def _linted(tbs: bytes, order: Order, profile: Profile, issuer: Issuer) -> bytes:
    """Give what is to be signed; raise InputError for the first thing that is wrong with it."""
    if found := lint(tbs, order, profile, issuer):
        raise InputError(str(found[0]), place=profile.id)
    return tbs


def _order(  # noqa: PLR0913, PLR0917 - what the certificate of an authority says
    profile: Profile,
    issuer: Issuer,
    wanted: Founding,
    founder: Founder,
    name: str,
    spki: bytes,
    names: tuple[Name, ...] = (),
) -> Order:
    begins, ends = period(profile, issuer, founder.clock() // _SECOND)
    subject = {"organization": wanted.organization, "common_name": name}
    return Order(profile.id, wanted.agency, names, spki, serial(), begins, ends, subject)


def _issued(  # noqa: PLR0913, PLR0917 - as every certificate: of whom, what, by whom
    home: Home, register: Register, issuer: Issuer, order: Order, profile: Profile, founder: Founder, what: What
) -> bytes:
    tbs = _linted(tbs_of(order, profile, issuer), order, profile, issuer)
    purpose = order.subject["common_name"]
    request = asking.ask(register, issuer.id, [Item(order, tbs)], founder.by, founder.clock(), purpose)
    approval = founder.approval(what, issuer.id, request.digest)
    request = asking.approve(register, request, approval, founder.approver, founder.clock(), lambda _request: None)
    with _signing(home, founder, issuer.key) as client:
        Issuance(register, client, finish, founder.clock).issue(request, founder.by)
    ((number,),) = register.rows("select number from certificate where request = ?", request.number)
    return register.der(number)


def _signing(home: Home, founder: Founder, key: str) -> AbstractContextManager[Client]:
    return signer(home, founder.people_file, lambda entry: founder.passphrase_of(entry.name), [key])


def _keep(home: Home, name: str, algorithm: Algorithm, key: FileKey, subject: bytes, passphrase: bytes) -> None:  # noqa: PLR0913, PLR0917 - a key of the signer
    make_folder(home.signer)
    keys.write(home.signer / f"{name}.pem", key, passphrase)
    signer_home.add(home.signer, signer_home.KeyEntry(name, name, algorithm, subject, f"{name}.pem"))
    with disk.told(home.signer):
        disk.sync_folder(home.signer)  # a certificate whose key the power took would be worth nothing


def _subject_of(tbs: bytes) -> bytes:
    """Give the name of who signs itself, DER."""
    from sentinel.pki.signing.tbs import certificate

    return certificate(tbs).issuer
