"""What is wrong with authorities, or will be soon: keys, responders, lists, what was left unfinished, times, files.

A check is a function that gives findings, in the order of `_CHECKS`; all are told at once. What cannot be looked at
from here (the log of a signer on another machine) is told too, for silence is not health. `sentinel pki audit verify`
looks at the register itself.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sentinel.errors import SentinelError
from sentinel.language import _, n_
from sentinel.pki.certificates.parse import authority as authority_of
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.office import lineage, modes, reach, responding, staffing
from sentinel.pki.register import revoking
from sentinel.pki.register.tables import State
from sentinel.pki.signing import home as signer_home
from sentinel.pki.signing.log import read_log
from sentinel.pki.status.published import list_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Authority, Register
    from sentinel.pki.register.revoking import Listing
    from sentinel.pki.signing.client import Client
    from sentinel.pki.signing.home import KeyEntry
    from sentinel.pki.signing.log import Act
    from sentinel.settings import Settings

_DAY: Final = 86_400
_SECOND: Final = 1_000_000_000
_SKEW: Final = 300
_RESPONDER_SOON: Final = 5 * _DAY
_AUTHORITY_SOON: Final = 180 * _DAY
_LIST_SOON: Final = 2 * _DAY
"""Seconds before its end that something is told of."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or will be `soon`: what, where, and what to do."""

    what: str
    place: str = ""
    hint: str = ""
    soon: bool = False


@dataclass(slots=True)
class Examined:
    """What was found, and what could not be looked at."""

    findings: list[Finding] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Case:
    """What is looked at: `moment` is nanoseconds since 1970, UTC; `client` the signer, where it runs as a service."""

    home: Home
    register: Register
    settings: Settings
    moment: int
    client: Client | None
    skipped: list[str]

    @property
    def now(self) -> int:
        return self.moment // _SECOND

    def acts(self) -> Iterator[Act]:
        """Give what the signer logged; raise Damaged, StoreError, or what it refuses."""
        log = self.home.signer / signer_home.LOG
        return self.client.acts() if self.client else read_log(log)


def examine(home: Home, register: Register, settings: Settings, moment: int) -> Examined:
    """Look at everything; `moment` is nanoseconds since 1970, UTC. Raise StoreError where it is not read."""
    found = Examined()
    with _signer(home, found) as client:
        case = _Case(home, register, settings, moment, client, found.skipped)
        for check in _CHECKS:
            try:
                found.findings += check(case)
            except SentinelError as error:
                found.findings.append(Finding(error.message, error.place, error.hint))
    return found


@contextmanager
def _signer(home: Home, found: Examined) -> Iterator[Client | None]:
    from sentinel.pki.signing.client import connect

    if not home.socket.exists():
        yield None
        return
    try:
        client = connect(home.socket)
    except SentinelError as error:
        found.findings.append(Finding(error.message, error.place, error.hint))
        yield None
        return
    with client:
        yield client


def _keys(case: _Case) -> Iterator[Finding]:
    """Tell of authorities without their key, and of keys that fit no authority."""
    try:
        known = {each.name: each for each in signer_home.entries(case.home.signer)}
    except PermissionError:
        known = {}
    authorities = {each.issuer.key: each for each in case.register.authorities() if each.issuer.key}
    place = str(case.home.signer / signer_home.KEYS)
    if not known and case.client is None:
        case.skipped.append(_("keys: the signer's home is elsewhere"))
        return
    for name, each in authorities.items():
        if name in known:
            yield from _key(known[name], each, place)
        elif each.kind == "root":
            case.skipped.append(_("the key of {id}: it is elsewhere").format(id=each.issuer.id))
        elif known:
            told = _("authority {id} has no key '{name}' here").format(id=each.issuer.id, name=name)
            yield Finding(told, place, _("restore it from a backup, or retire the authority"))
    for name in known.keys() - authorities.keys():
        hint = _("call again what was to found it, or take it out of keys.toml")
        yield Finding(_("key '{name}' is of no authority").format(name=name), place, hint)
    yield from _opened(case, authorities)


def _key(entry: KeyEntry, each: Authority, place: str) -> Iterator[Finding]:
    facts = (entry.issuer, entry.algorithm, entry.subject)
    if facts != (each.issuer.id, each.issuer.algorithm, parsed(each.issuer.certificate).subject_der):
        told = _("key '{name}' says another authority, algorithm or name than the certificate of {id}")
        yield Finding(told.format(name=entry.name, id=each.issuer.id), place)


def _opened(case: _Case, authorities: Mapping[str, Authority]) -> Iterator[Finding]:
    """Compare the keys of a signer that runs with the certificates."""
    for row in case.client.keys() if case.client else ():
        each = authorities.get(row.name)
        if each and authority_of(each.issuer.certificate).spki != row.spki:
            told = _("key '{name}' of the signer is not the one in the certificate of {id}")
            yield Finding(told.format(name=row.name, id=each.issuer.id), str(case.home.socket))


def _authorities(case: _Case) -> Iterator[Finding]:
    """Tell of authorities that end, and of certificates that outlast theirs."""
    for each in case.register.authorities():
        ends = authority_of(each.issuer.certificate).not_after
        command = "add-root" if each.kind == "root" else "add"
        hint = _("make the next one: sentinel pki authority {command}").format(command=command)
        if told := _ending(ends, case.now, _AUTHORITY_SOON):
            what = _("the certificate of authority {id} {ends}").format(id=each.issuer.id, ends=told)
            yield Finding(what, each.issuer.id, hint, soon=ends > case.now)
        longer = "issuer = ? and not_after > ?"
        ((count,),) = case.register.rows(f"select count(*) from certificate where {longer}", each.number, ends)  # noqa: S608 - a text of ours
        if count:
            told = n_(
                "{count} certificate outlasts its authority", "{count} certificates outlast their authority", count
            )
            yield Finding(told.format(count=count), each.issuer.id, hint)


def _lineage(case: _Case) -> Iterator[Finding]:
    """Tell of roots that did not sign each other, and of what somebody began to found."""
    for wrong in (*lineage.uncrossed(case.home, case.register, case.moment), *lineage.unfounded(case.home)):
        yield Finding(*wrong)


def _responders(case: _Case) -> Iterator[Finding]:
    """Tell of authorities about whose certificates nobody answers, or not for long."""
    for each in case.register.authorities():
        id_ = each.issuer.id
        if each.kind == "root" or not each.issuer.key:
            continue
        path, hint = case.home.responder_certificate(id_), f"sentinel pki responder --issuer {id_}"
        if not responding.is_there(case.home, id_):
            yield Finding(_("nobody answers about certificates of {id}").format(id=id_), str(path), hint)
            continue
        said = parsed(path.read_bytes())
        if said.issuer_der != parsed(each.issuer.certificate).subject_der:
            yield Finding(_("who answers for {id} has a certificate of another").format(id=id_), str(path), hint)
        if told := _ending(said.not_after, case.now, _RESPONDER_SOON):
            what = _("the certificate of who answers for {id} {ends}").format(id=id_, ends=told)
            yield Finding(what, str(path), hint, soon=said.not_after > case.now)


def _lists(case: _Case) -> Iterator[Finding]:
    """Tell of revocation lists that are missing, end, or are not those of the register."""
    hint = "sentinel pki crl"
    for each in case.register.authorities():
        if not each.issuer.key:
            continue
        lists = {shard: revoking.listing(case.register, each, shard) for shard in revoking.shards(case.register, each)}
        missing = [shard for shard, last in lists.items() if not last.number]
        if missing:
            told = n_(
                "{count} revocation list was never issued", "{count} revocation lists were never issued", len(missing)
            )
            yield Finding(told.format(count=len(missing)), each.issuer.id, hint)
        for shard in lists.keys() - set(missing):
            yield from _list(case, each, shard, lists[shard])
        yield from _unheard(case, each, hint)


def _list(case: _Case, each: Authority, shard: int, last: Listing) -> Iterator[Finding]:
    hint = "sentinel pki crl"
    if told := _ending(last.next_update, case.now, min(_LIST_SOON, (last.next_update - last.this_update) // 4)):
        what = _("the revocation list {ends}").format(ends=told)
        yield Finding(what, f"{each.issuer.id}:{shard}", hint, soon=last.next_update > case.now)
    yield from _published(list_path(case.home.public, each.issuer.id, shard), last, hint)


def _published(path: Path, last: Listing, hint: str) -> Iterator[Finding]:
    if not path.exists():
        yield Finding(_("the revocation list is not where it is served from"), str(path), hint)
    elif sha256(path.read_bytes()).digest() != last.digest:
        told = _("the revocation list there is not the last one of the register, number {number}")
        yield Finding(told.format(number=last.number), str(path), hint)


def _unheard(case: _Case, each: Authority, hint: str) -> Iterator[Finding]:
    asked = (
        "select count(*) from certificate join subject on subject.number = certificate.number "
        "where issuer = ? and state in (?, ?) and changed >= ?"
    )
    since = (revoking.listing(case.register, each, 0).this_update + 1) * _SECOND
    values = each.number, int(State.REVOKED), int(State.HELD), since
    ((count,),) = case.register.rows(asked, *values)
    if count:
        told = n_("{count} revocation is in no list yet", "{count} revocations are in no list yet", count)
        yield Finding(told.format(count=count), each.issuer.id, hint)


def _unfinished(case: _Case) -> Iterator[Finding]:
    """Tell of certificates that somebody began to issue."""
    ((count,),) = case.register.rows("select count(*) from certificate where tbs is not null")
    if count:
        told = n_(
            "{count} certificate was begun and is not issued",
            "{count} certificates were begun and are not issued",
            count,
        )
        yield Finding(told.format(count=count), hint="sentinel pki doctor --recover")
    for request in case.register.requests((State.APPROVED,), -1):
        if request.left < request.count:
            told = _("{id} is issued in part: {left} of {count} are left")
            hint = f"sentinel pki issue {request.id}"
            yield Finding(told.format(id=request.id, left=request.left, count=request.count), hint=hint)


def _clock(case: _Case) -> Iterator[Finding]:
    """Tell of a clock that went back."""
    rows = case.register.rows("select coalesce(max(at), 0) from act")
    last = rows[0][0] // _SECOND if rows else 0
    if last > case.now + _SKEW:
        told = _("the clock went back: something was done at {time}").format(time=_time(last))
        yield Finding(told, hint=_("set the clock by a server of time (NTP) before anything is signed"))


def _files(case: _Case) -> Iterator[Finding]:
    """Tell of files that others may read or change."""
    yield from (Finding(*wrong) for wrong in modes.loose(case.home))


def _policy(case: _Case) -> Iterator[Finding]:
    """Tell of profiles and rights of agencies that cannot be read: the first fault of each; of names beyond reach."""
    case.home.profiles(case.settings)
    agencies = case.home.policy(case.settings, "").agencies
    retired = case.home.retired(case.moment)
    issuing = [each.issuer for each in case.register.authorities() if each.kind != "root"]
    certificates = [each.certificate for each in issuing if each.key and each.key not in retired]
    yield from (Finding(*wrong) for wrong in reach.beyond(agencies, certificates))


def _people(case: _Case) -> Iterator[Finding]:
    """Tell where nobody may ask or approve, or the register of people cannot be read."""
    yield from (Finding(*wrong) for wrong in staffing.unstaffed(case.settings.people))


def _log(case: _Case) -> Iterator[Finding]:
    """Hold the signer's log against the register: nothing was signed unrecorded, nothing issued unsigned."""
    if case.client is None and not (case.home.signer / signer_home.LOG).exists():
        case.skipped.append(_("the signer's log: it is elsewhere"))
        return
    recorded = dict(case.register.rows(_RECORDED, *map(int, (State.ISSUED, State.REVOKED, State.HELD))))
    signed: set[str] = set()
    last = 0
    for act in case.acts():
        last = max(last, act.at)
        if act.kind == "signed" and (act.cover or act.grant):  # lists need neither
            signed |= {each.digest.hex() for each in act.made}
    if last > case.moment + _SKEW * _SECOND:
        yield Finding(_("the clock went back: the signer signed at {time}").format(time=_time(last // _SECOND)))
    unknown = len(signed - recorded.keys())
    if unknown:
        told = n_("the signer signed {count} certificate", "the signer signed {count} certificates", unknown)
        what = _("{signed} that the register does not know").format(signed=told.format(count=unknown))
        yield Finding(what, signer_home.LOG, _("sign nothing more: find out who asked for it"))
    unsigned = sum(1 for digest, is_issued in recorded.items() if is_issued and digest not in signed)
    if unsigned:
        told = n_(
            "{count} issued certificate is not in the signer's log",
            "{count} issued certificates are not in the signer's log",
            unsigned,
        )
        yield Finding(
            told.format(count=unsigned), signer_home.LOG, _("is it the log of this authority, and the last one?")
        )


_RECORDED: Final = (
    "select json_extract(cast(body as text), '$.tbs'), coalesce(state, -1) in (?, ?, ?) from entry "
    "join subject on subject.number = entry.subject where kind in ('intended', 'planned')"
)
"""The SHA-256 of what may be signed, and whether it was issued."""
_CHECKS: Final[tuple[Callable[[_Case], Iterator[Finding]], ...]] = (
    _keys, _lineage, _authorities, _responders, _lists, _unfinished, _clock, _files, _policy, _people, _log,
)  # fmt: skip


def _ending(ends: int, now: int, soon: int) -> str:
    """Tell in words when something ended or ends; "" where that is far away. Seconds since 1970, UTC."""
    if ends <= now:
        return _("ended {time}").format(time=_time(ends))
    return _("ends {time}").format(time=_time(ends)) if ends <= now + soon else ""


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}Z"
