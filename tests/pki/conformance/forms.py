"""One of everything that authorities of ours give out: certificates of every shipped profile, lists, answers.

Linters refuse the names and addresses that are kept for examples. The names here are shaped as those of agencies are,
but nobody's; the addresses are of a network that nobody may have any more (RFC 7526). No linter asks for either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from sentinel.pki.certificates import algorithms, build
from sentinel.pki.model import Algorithm, Issuer, Name, Reason
from sentinel.pki.signing import keys
from sentinel.pki.status import crl, replies
from sentinel.pki.status.ocsp import GOOD, UNKNOWN, Hash, State, Status, Window
from sentinel.pki.status.replies import NOT_ISSUED, Responder, Said
from tests.pki.certificates.authorities import NOW, SERIAL, an_order, profiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.pki.signing.keys import FileKey

DAY: Final = 86_400
_RENAMED: Final = (("gov.example", "thuc-hanh.gov.vn"), ("192.0.2.", "192.88.99."))
_URL: Final = "http://pki.thuc-hanh.gov.vn"
BELOW_ROOT: Final = ("cross-certificate", "issuing-authority")
BELOW: Final = tuple(sorted(set(profiles()) - {"root", *BELOW_ROOT}))
"""The shipped profiles that an issuing authority issues by."""
SHIPPED: Final = tuple(each for each in Algorithm if not each.startswith("ml-dsa"))
"""How authorities of shipped profiles sign: ML-DSA is there for those who write it into profiles of their own."""
STATUSES: Final = {
    "good": GOOD,
    "revoked": Status(State.REVOKED, NOW - 60, Reason.KEY_COMPROMISE),
    "revoked for no reason told": Status(State.REVOKED, NOW - 60),
    "unknown": UNKNOWN,
    "never issued": NOT_ISSUED,
}
WEB: Final = tuple(each for each in Reason if each not in {Reason.HOLD, Reason.CA_COMPROMISE})
"""The reasons that lists of the web's authorities may give."""


@dataclass(frozen=True, slots=True)
class House:
    """A root and an authority below it, both of one algorithm, with their keys."""

    root: Issuer
    root_key: FileKey
    issuing: Issuer
    issuing_key: FileKey


@cache
def a_key(algorithm: Algorithm, which: str = "subject") -> FileKey:  # noqa: ARG001 - `which` makes it another key
    return keys.new(algorithm)


@cache
def a_house(algorithm: Algorithm) -> House:
    """Found a root and an issuing authority, as the shipped profiles say."""
    top, middle = a_key(algorithm, "root"), a_key(algorithm, "issuing")
    itself = Issuer("root", b"", algorithm, "root", _URL)
    root = replace(itself, certificate=issued("root", top, itself, top, serial=SERIAL - 1, not_before=NOW - 90 * DAY))
    made = issued("issuing-authority", middle, root, top, serial=SERIAL - 2, not_before=NOW - DAY)
    issuing = Issuer("agencies-1", made, algorithm, "issuing", _URL, profiles()["issuing-authority"].policies)
    return House(root, top, issuing, middle)


def issued(profile: str, subject: FileKey, issuer: Issuer, key: FileKey, **changed: object) -> bytes:
    """Give a certificate by a profile, for the key `subject`, signed by `key`."""
    asked = an_order(profile, **({"public_key": subject.spki} | changed))
    names = tuple(Name(name.kind, _renamed(name.value)) for name in asked.names)
    told = {field: _renamed(text) for field, text in asked.subject.items()}
    tbs = build.tbs_of(replace(asked, names=names, subject=told), profiles()[profile], issuer)
    return algorithms.assemble(tbs, key.algorithm, key.sign(tbs))


def _renamed(text: str) -> str:
    for example, ours in _RENAMED:
        text = text.replace(example, ours)
    return text


def kinds_of(profile: str) -> Sequence[Algorithm]:
    """Give an algorithm for each kind of key that a profile takes."""
    return [algorithms.of_key(kind) for kind in profiles()[profile].keys]


def certificates(algorithm: Algorithm) -> Iterator[tuple[str, bytes]]:
    """Give what a house of an algorithm issues: its root, and one of every profile and kind of key."""
    house = a_house(algorithm)
    yield f"root by {algorithm}", house.root.certificate
    for profiles_, issuer, key in ((BELOW_ROOT, house.root, house.root_key), (BELOW, house.issuing, house.issuing_key)):
        for profile in profiles_:
            for subject in kinds_of(profile):
                yield f"{profile} for {subject} by {algorithm}", issued(profile, a_key(subject), issuer, key)


def lists(algorithm: Algorithm, reasons: Sequence[Reason] = WEB) -> Iterator[tuple[str, bytes]]:
    """Give lists: of the root, full, and of a shard; each with an entry for every reason, and with nothing in it."""
    house = a_house(algorithm)
    entries = [crl.entry(2**150 + number, NOW - number, reason) for number, reason in enumerate(reasons)]
    entries.append(crl.entry(2**149, NOW - 60, reasons[-1], NOW - DAY))
    for told, listed in (("entries", entries), ("nothing", [])):
        for name, issuer, key, shard in (
            ("root's", house.root, house.root_key, None),
            ("full", house.issuing, house.issuing_key, None),
            ("shard's", house.issuing, house.issuing_key, 3),
        ):
            tbs = crl.tbs_of(issuer, 7, NOW, NOW + DAY, listed, shard=shard)
            yield f"{name} list of {told} by {algorithm}", crl.assemble(tbs, algorithm, key.sign(tbs))


def answers(algorithm: Algorithm) -> Iterator[tuple[str, bytes]]:
    """Give answers of every status by an authority and by the responder it appointed, with a nonce and kept ones."""
    house = a_house(algorithm)
    key = a_key(algorithm, "responder")
    appointed = issued("ocsp-responder", key, house.issuing, house.issuing_key, serial=SERIAL - 3)
    window = Window(NOW, NOW + DAY)
    for who, responder in (
        ("responder's", Responder(house.issuing, appointed, key)),
        ("authority's", Responder(house.issuing, house.issuing.certificate, house.issuing_key)),
    ):
        for hashed in Hash:
            for status, (name, said) in enumerate(STATUSES.items()):
                asked = replies.reply(responder, [Said(hashed, SERIAL + status, said, window)], NOW, b"n" * 32)
                yield f"{who} answer '{name}' to {hashed} by {algorithm}", replies.whole(asked, responder.tail)
            told = [(SERIAL, STATUSES["good"]), (SERIAL + 1, STATUSES["revoked"])]
            for number, kept in enumerate(replies.presign(responder, told, window, hashed)):
                yield f"{who} kept answer {number} to {hashed} by {algorithm}", replies.whole(kept, responder.tail)
