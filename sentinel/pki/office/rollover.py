"""Authorities follow others: the next one that issues, the next root, and what two roots say of each other.

A new root does not end the old one. Each signs the other's key ("new with old" and "old with new", RFC 4210, 4.4), so
that whoever trusts one of them alone trusts what stands below both; the next authorities that issue are founded below
the new one, and when nobody needs the old one any more it is retired: it goes on signing lists, and nothing else.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.pki.certificates.build import period
from sentinel.pki.certificates.distinguished import of_der
from sentinel.pki.certificates.names import ATTRIBUTES, subject_der
from sentinel.pki.certificates.parse import authority, parsed
from sentinel.pki.certificates.profile import AGENCY, FIELD
from sentinel.pki.model import Order
from sentinel.pki.office import ceremony, founding, responding
from sentinel.pki.office.crossing import CROSS_PROFILE, Cross, crosses, roots_of
from sentinel.pki.office.founding import Founding
from sentinel.pki.office.signers import needs
from sentinel.pki.register.asking import order_of
from sentinel.pki.register.founding import check_free
from sentinel.pki.requests.wanted import serial
from sentinel.pki.signing import home as signer_home
from sentinel.pki.signing.approvals import What
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.people.acting import Acting
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Algorithm
    from sentinel.pki.office.ceremony import Among, Held
    from sentinel.pki.office.founding import Founder
    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Authority, Register

_SECOND: Final = 1_000_000_000
_ORGANIZATION, _COMMON_NAME = "organization", "common_name"


@dataclass(frozen=True, slots=True)
class NextRoot:
    """The root that is to follow: what is "" or None is as with the one before; `id` is what commands call it."""

    id: str = ""
    name: str = ""
    organization: str = ""
    agency: str = ""
    algorithm: Algorithm | None = None
    crossed: bool = True
    """Whether both roots sign each other's key: not where the old one fell into others' hands."""


# ── authorities that issue ──


def add(  # noqa: PLR0913, PLR0917 - as whom, called what, below which root
    home: Home, founder: Founder, profiles: Mapping[str, Profile], like: str, id_: str, name: str, below: str = ""
) -> Authority:
    """Found the next authority that issues, for the same names as another, and its responder.

    It hangs below the root named, or the newest that is not retired. The old one goes on signing lists; `retire` ends
    that it signs certificates. Called again after an interruption, it makes what is missing. Raise as `founding.found`.
    """
    founder.by.must("pki.found")
    _check_no_service(home)
    with closing(home.register(write=True)) as register:
        made = next((each for each in register.authorities() if each.issuer.id == id_), None)
        if made is None:
            root = register.authority(below) if below else newest_root(home, register, founder.clock())
            wanted = _like(register, like, id_, name, root)
            made = founding.issue_below(home, register, wanted, founder, profiles[founding.ISSUING_PROFILE])
        elif made.kind == "root" or responding.is_there(home, id_):
            check_free(register, id_)
        own = parsed(made.issuer.certificate).common_name
        founding.answering(home, register, made, founder, profiles[founding.RESPONDER_PROFILE], own)
    return made


def _like(register: Register, like: str, id_: str, name: str, root: Authority) -> Founding:
    old = register.authority(like)
    if old.kind == "root":
        raise InputError(_("{id} is a root, which issues to nobody").format(id=like), place="--like")
    if root.kind != "root":
        raise InputError(_("{id} is no root").format(id=root.issuer.id), place="--root")
    row = register.certificate(f"{parsed(old.issuer.certificate).serial:032x}")
    ((item, octets),) = register.rows("select item, serial from certificate where number = ?", row.number)
    order = order_of(item, octets)
    return Founding(
        order.subject[_ORGANIZATION], order.agency, "", name or _numbered(order.subject[_COMMON_NAME], like, id_), id_,
        old.issuer.url, order.names, old.issuer.algorithm, root_id=root.issuer.id,
    )  # fmt: skip


def _numbered(name: str, old: str, id_: str) -> str:
    """Give the name of what follows: that of the one before, with its id."""
    return f"{name.removesuffix(f' ({old})')} ({id_})"


# ── roots ──


def newest_root(home: Home, register: Register, now: int) -> Authority:
    """Give the root that was founded last and is not retired at a time, nanoseconds since 1970. Raise InputError."""
    retired = home.retired(now)
    known = [each for each in roots_of(register.authorities()) if each.issuer.key not in retired]
    if not known:
        hint = _("`sentinel pki authority add-root` founds the next one")
        raise InputError(_("every root is retired"), place=str(home.signer), hint=hint)
    return known[-1]


def next_id(register: Register) -> str:
    """Give what the next root is called where nobody says it: root-2, say."""
    known = {each.issuer.id for each in register.authorities()}
    number = len(roots_of(register.authorities())) + 1
    while f"root-{number}" in known:
        number += 1
    return f"root-{number}"


def following(register: Register, old: Authority, wanted: NextRoot) -> Founding:
    """Give what the next root is to be, its name another than any root's. Raise InputError."""
    said = authority(old.issuer.certificate)
    id_ = wanted.id or next_id(register)
    check_free(register, id_)
    name = wanted.name or _numbered(said.common_name, old.issuer.id, id_)
    if name in {authority(each.issuer.certificate).common_name for each in register.authorities()}:
        hint = _("lists and answers of two keys of one name are not told apart by everybody")
        raise InputError(_("an authority is named so already: {name}").format(name=name), place="--name", hint=hint)
    return Founding(
        wanted.organization or of_der(said.subject_der).first(ATTRIBUTES[_ORGANIZATION].oid),
        wanted.agency or said.organization_identifier, name, "", "", old.issuer.url, (),
        root_algorithm=wanted.algorithm or old.issuer.algorithm, root_id=id_,
    )  # fmt: skip


def add_root(  # noqa: PLR0913, PLR0917 - after which, what, by whom, among whom
    home: Home,
    old: Authority,
    wanted: NextRoot,
    founder: Founder,
    profiles: Mapping[str, Profile],
    among: Among | None = None,
) -> tuple[Authority, list[Cross], Held | None]:
    """Found the root that follows another, and let both sign each other's key; its key `among` custodians, if any.

    Nothing is made before the key of the old one opens. Where it is retired it signs nothing, and only the new one
    signs. Raise Refused, InputError, StoreError.
    """
    founder.by.must("pki.found")
    _check_no_service(home)
    with closing(home.register(write=True)) as register:
        next_ = following(register, old, wanted)
        signs = wanted.crossed and old.issuer.key not in home.retired(founder.clock())
        if signs:
            _check_opens(home, founder, old.issuer.key)

        def make(keyed: Founder) -> tuple[list[Authority], list[Cross]]:
            new = founding.found_root(home, register, next_, keyed, profiles[founding.ROOT_PROFILE])
            pairs = [(new, old)] * signs + [(old, new)] * wanted.crossed
            profile = profiles[CROSS_PROFILE]
            return [new], [cross(home, register, *pair, keyed, profile) for pair in pairs]

        if among is None:
            (made,), certified = make(founder)
            return made, certified, None
        held = ceremony.hold_for(home, next_, founder, among, make)
    return held.authorities[0], held.crosses, held


def cross(  # noqa: PLR0913, PLR0917 - whose key, by which root, by whom
    home: Home, register: Register, subject: Authority, issuer: Authority, founder: Founder, profile: Profile
) -> Cross:
    """Give what a root says of another's key: the certificate that counts, or a new one.

    It holds while both do. Raise Refused, InputError, StoreError.
    """
    founder.by.must("pki.found")
    check_pair(subject, issuer)
    needs(home, [issuer.issuer.key])
    order = _cross_order(subject, issuer, profile, founder.clock() // _SECOND)
    founding.issued(home, register, issuer.issuer, order, profile, founder, What.AUTHORITY)
    pair = subject.issuer.id, issuer.issuer.id
    return next(each for each in reversed(crosses(register)) if (each.subject, each.issuer) == pair and each.counts)


def cross_sign(home: Home, founder: Founder, profiles: Mapping[str, Profile], subject: str, by: str) -> Cross:
    """Let the root `by` sign the key of the root `subject`, as `cross` does."""
    with closing(home.register(write=True)) as register:
        pair = register.authority(subject), register.authority(by)
        return cross(home, register, *pair, founder, profiles[CROSS_PROFILE])


def check_pair(subject: Authority, issuer: Authority) -> None:
    """Check that both are roots, and not the same; raise InputError."""
    for each in (subject, issuer):
        if each.kind != "root":
            raise InputError(_("{id} is no root").format(id=each.issuer.id))
    if subject.issuer.id == issuer.issuer.id:
        raise InputError(_("a root needs no cross certificate by itself"), place=subject.issuer.id)


def _cross_order(subject: Authority, issuer: Authority, profile: Profile, now: int) -> Order:
    said = authority(subject.issuer.certificate)
    begins, ends = period(profile, issuer.issuer, now)
    begins, ends = max(begins, said.not_before), min(ends, said.not_after)
    if not begins < ends:
        raise Refused(_("one of the two roots has ended"), place=f"{subject.issuer.id}, {issuer.issuer.id}")
    named, fields = of_der(said.subject_der), dict[str, str]()
    for attribute, template in profile.subject:
        if (found := FIELD.fullmatch(template)) and found[1] != AGENCY:
            fields[found[1]] = named.first(ATTRIBUTES[attribute].oid)
    fields = {name: text for name, text in fields.items() if text}
    order = Order(profile.id, said.organization_identifier, (), said.spki, serial(), begins, ends, fields)
    if subject_der(order, profile) != said.subject_der:
        told = _("profile {profile} does not make the name of {id}").format(profile=profile.id, id=subject.issuer.id)
        raise InputError(told, place=profile.place, hint=_("its [subject] has to be that of the profile `root`"))
    return order


def _check_no_service(home: Home) -> None:
    if home.socket.exists():
        told = _("a signer runs as a service, and has no keys that are made now")
        raise Refused(told, place=str(home.socket), hint=_("end it, and start it again afterwards"))


def _check_opens(home: Home, founder: Founder, key: str) -> None:
    """Check that a key is there and its passphrase the right one."""
    needs(home, [key])
    with founding.signing(home, founder, key):
        pass


# ── the end ──


def retire(home: Home, register: Register, id_: str, by: Acting, now: int) -> int:
    """Let the key of an authority sign lists alone from now on; give the time, nanoseconds since 1970, UTC.

    A signer that runs as a service takes it up when it is started again. Raise InputError where its key is not here,
    or is retired.
    """
    by.must("pki.found")
    key, path = register.authority(id_).issuer.key, home.signer / signer_home.KEYS
    entry = next((each for each in signer_home.entries(home.signer) if each.name == key), None)
    if entry is None:
        raise InputError(_("the signer's home has no key '{key}'").format(key=key), place=str(home.signer))
    if entry.retired is not None:
        since = ceremony.time_text(entry.retired)
        raise InputError(_("it is retired already, since {time}").format(time=since), place=id_)
    moment = now // _SECOND * _SECOND
    text = signer_home.retired(path.read_text(encoding="utf-8"), key, moment)
    ceremony.witness(register, id_, "retired", {"key": key, "retired": moment}, by, now)
    with disk.told(path):
        disk.put(path, text.encode())
    signer_home.entries(home.signer)
    return moment
