"""A root is made before witnesses, and its key belongs to several people together.

The passphrase of the root's key is 32 bytes at random. They are split by SLIP-39 (Shamir's scheme, with words and check
sums): each of n custodians has a share of 33 words, any m of them give the passphrase, and fewer tell nothing of it. It
is written nowhere. What was done becomes entries of the register, the first of which is there before any key is, and a
page to be printed and signed by who was there.
"""

from __future__ import annotations

import html
import json
import platform
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.ledger.chain import Act
from sentinel.people.register import nfc
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.office import founding
from sentinel.pki.register import entries
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sentinel.people.acting import Acting
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.office.crossing import Cross
    from sentinel.pki.office.founding import Founder, Founding
    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Authority, Register

SUBJECT: Final = "ceremony:"
FEWEST: Final = 2
MOST: Final = 16
"""Custodians that there are at most (SLIP-39)."""
_SECRET_BYTES: Final = 32
_SECOND: Final = 1_000_000_000
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class Share:
    """What one custodian keeps: words; the fingerprint tells shares apart, and nothing of them."""

    custodian: str
    words: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Give what the share is known by in transcripts."""
        return sha256(self.words.encode()).hexdigest()[:_SHOWN]


def split(secret: bytes, custodians: Sequence[str], threshold: int) -> list[Share]:
    """Split a secret among custodians, any `threshold` of whom give it back. Raise InputError for what cannot be."""
    from shamir_mnemonic import generate_mnemonics  # type: ignore[import-untyped]

    names = [nfc(name).strip() for name in custodians]
    if not FEWEST <= threshold <= len(names) <= MOST:
        told = _("{threshold} of {count} custodians cannot be: {least} or more, of {most} at most")
        raise InputError(told.format(threshold=threshold, count=len(names), least=FEWEST, most=MOST))
    if not all(_can_be_file(name) for name in names) or len({name.casefold() for name in names}) < len(names):
        raise InputError(_("custodians have names, each another one"), place="--custodian")
    made = generate_mnemonics(1, [(threshold, len(names))], secret)[0]
    return [Share(name, words) for name, words in zip(names, made, strict=True)]


def _can_be_file(name: str) -> bool:
    return bool(name) and name.isprintable() and "/" not in name and not name.startswith(".")


def combined(words: Sequence[str]) -> bytes:
    """Give the passphrase that shares are of. Raise InputError where they are too few, or not of one key."""
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    try:
        found: bytes = combine_mnemonics([" ".join(each.split()).lower() for each in words])
    except (MnemonicError, ValueError, IndexError) as error:
        told = _("these shares give no passphrase")
        raise InputError(told, hint=_("as many as the ceremony said, of one key, word by word")) from error
    return passphrase_of(found)


def passphrase_of(secret: bytes) -> bytes:
    """Give a secret as the passphrase of a key."""
    return secret.hex().encode()


@dataclass(frozen=True, slots=True)
class Held:
    """A ceremony that was held: the authorities, what roots say of each other, and where its page lies."""

    authorities: list[Authority]
    crosses: list[Cross]
    page: Path


@dataclass(frozen=True, slots=True)
class Among:
    """Among whom a key is split, how many of them give it back, and `give`, which hands one of them a share."""

    custodians: Sequence[str]
    threshold: int
    give: Callable[[Share], None]


def hold(home: Home, wanted: Founding, founder: Founder, profiles: Mapping[str, Profile], among: Among) -> Held:
    """Found authorities whose root's key belongs to custodians. Raise as `hold_for` and `founding.found`."""
    founder.by.must("pki.found")
    _check_nothing(home)
    return hold_for(home, wanted, founder, among, lambda keyed: (founding.found(home, wanted, keyed, profiles), []))


def hold_for(
    home: Home,
    wanted: Founding,
    founder: Founder,
    among: Among,
    make: Callable[[Founder], tuple[list[Authority], list[Cross]]],
) -> Held:
    """Let a root's key belong to custodians, that `make` makes once it has the founder who knows its passphrase.

    They have their shares before there is a key: a share that cannot be handed out stops everything, and those handed
    out are then of nothing. Raise InputError, Refused, StoreError, and what `make` raises.
    """
    founder.by.must("pki.found")
    secret, root = secrets.token_bytes(_SECRET_BYTES), wanted.root_id
    shares = split(secret, among.custodians, among.threshold)
    _check(shares, among.threshold, passphrase_of(secret))
    begun = _begun(wanted, founder, shares, among.threshold)
    _witness(home, root, "begun", begun, founder)
    for share in shares:
        among.give(share)
    passphrases = {**founder.passphrases, root: passphrase_of(secret)}
    authorities, crosses = make(replace(founder, passphrases=passphrases))
    made = {"authorities": [*map(_facts, authorities)], "crosses": [*map(_cross_facts, crosses)]}
    ended = begun | {"ended": founder.clock()} | made
    _witness(home, root, "held", ended, founder)
    page = home.folder / "ceremonies" / f"{root}.html"
    disk.make_folder(page.parent.absolute())
    disk.put(page, _page(ended).encode())
    return Held(authorities, crosses, page)


def _check_nothing(home: Home) -> None:
    """Check that nothing was founded here."""
    register = home.register()
    try:
        if register.is_there and register.authorities():
            raise InputError(_("there are authorities here already"), place=str(home.folder))
    finally:
        register.close()


def _check(shares: Sequence[Share], threshold: int, passphrase: bytes) -> None:
    """Check, before anything is there, that the shares give the passphrase."""
    for part in (shares[:threshold], shares[-threshold:]):
        if combined([each.words for each in part]) != passphrase:
            raise InputError(_("these shares give no passphrase"))


def _begun(wanted: Founding, founder: Founder, shares: Sequence[Share], threshold: int) -> dict[str, Any]:
    from sentinel import __version__

    return {
        "type": "sentinel ceremony 1",
        "begun": founder.clock(),
        "organization": wanted.organization,
        "agency": wanted.agency,
        "officer": founder.by.name,
        "approver": founder.approver.name,
        "threshold": threshold,
        "custodians": [{"name": each.custodian, "share": each.fingerprint} for each in shares],
        "machine": platform.node(),
        "system": platform.platform(),
        "sentinel": __version__,
    }


def _facts(each: Authority) -> dict[str, Any]:
    said = parsed(each.issuer.certificate)
    return {
        "id": each.issuer.id,
        "kind": each.kind,
        "subject": said.subject,
        "algorithm": each.issuer.algorithm.value,
        "key_sha256": sha256(said.spki).hexdigest(),
        "certificate_sha256": sha256(each.issuer.certificate).hexdigest(),
        "serial": f"{said.serial:x}",
        "not_after": said.not_after,
    }


def _cross_facts(each: Cross) -> dict[str, Any]:
    said = parsed(each.certificate)
    facts = {"serial": f"{said.serial:x}", "not_after": said.not_after}
    return {"id": each.id, "certificate_sha256": sha256(each.certificate).hexdigest()} | facts


def _witness(home: Home, root: str, what: str, transcript: Mapping[str, Any], founder: Founder) -> None:
    register = home.register(write=True)
    try:
        witness(register, root, what, transcript, founder.by, founder.clock())
    finally:
        register.close()


def witness(  # noqa: PLR0913, PLR0917 - what was seen, of which authority, by whom
    register: Register, authority: str, what: str, transcript: Mapping[str, Any], by: Acting, now: int
) -> None:
    """Write down what was done to the key of an authority; `now` is nanoseconds since 1970, UTC."""
    content = json.dumps(transcript, ensure_ascii=False, sort_keys=True)
    body = msgspec.json.encode({"authority": authority, "what": what, "sha256": sha256(content.encode()).hexdigest()})
    with register.writing():
        act = by.signed(Act(0, now, by.name, by.via, "pki ceremony", body))
        register.append(act, [(f"{SUBJECT}{authority}", entries.Witnessed(what, content))])


def time_text(moment: int) -> str:
    """Give a time, nanoseconds since 1970, as pages and keys.toml have it: UTC, to the second."""
    return f"{datetime.fromtimestamp(moment // _SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _page(told: Mapping[str, Any]) -> str:
    """Give the transcript as a page to be printed and signed."""
    times = time_text(told["begun"]), time_text(told["ended"])
    facts = [
        (_("organization"), f"{told['organization']} ({told['agency']})"),
        (_("time"), " – ".join(times)),
        (_("officer"), told["officer"]),
        (_("approver"), told["approver"]),
        (_("machine"), f"{told['machine']}, {told['system']}, Sentinel {told['sentinel']}"),
        (_("shares needed"), f"{told['threshold']} / {len(told['custodians'])}"),
    ]
    for each in told["authorities"]:
        facts += [
            (each["id"], each["subject"]),
            (_("key, SHA-256"), each["key_sha256"]),
            (_("certificate, SHA-256"), each["certificate_sha256"]),
        ]
    facts += [(f"{each['id']}, SHA-256", each["certificate_sha256"]) for each in told["crosses"]]
    people = [(each["name"], each["share"]) for each in told["custodians"]]
    people += [(told["officer"], ""), (told["approver"], "")]
    title = html.escape(_("Key ceremony: {organization}").format(organization=told["organization"]))
    heads = _("who was there"), _("fingerprint of the share"), _("signature")
    head = "".join(f"<th>{html.escape(each)}</th>" for each in heads)
    digest = sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    label = html.escape(_("transcript, SHA-256"))
    return (
        f'<!doctype html><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>'
        f"<table>{_rows(facts)}</table><table><tr>{head}</tr>{_rows(people, '<td></td>')}</table>"
        f"<p>{label}: <code>{digest}</code></p>\n"
    )


_STYLE: Final = (
    "body{font:11pt sans-serif;margin:2cm}table{border-collapse:collapse;width:100%;margin:1em 0}"
    "td,th{border:1px solid #888;padding:.4em;text-align:left;overflow-wrap:anywhere}td:nth-child(3){width:40%}"
)


def _rows(rows: Sequence[tuple[str, str]], more: str = "") -> str:
    return "".join(f"<tr><td>{html.escape(a)}</td><td>{html.escape(b)}</td>{more}</tr>" for a, b in rows)
