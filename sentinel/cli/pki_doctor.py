"""`sentinel pki doctor|responder`: what is wrong with authorities, and who answers about their certificates."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki import IssuerName, SignerFile, calling, reading, unlocking
from sentinel.language import _, n_

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.cli.pki import Call
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer
    from sentinel.pki.office.doctor import Examined
    from sentinel.pki.register.file import Request
    from sentinel.pki.register.issuing import Came
    from sentinel.settings import Settings

_SECOND = 1_000_000_000


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("doctor", help=_("Say what is wrong with authorities, or will be soon; exit 1 for anything."))(doctor)
    group.command("responder", help=_("Give whoever answers about certificates its next certificate."))(responder)


def doctor(
    ctx: typer.Context,
    recover: Annotated[
        bool, typer.Option("--recover", help=_("First finish what somebody began to issue, with the signer."))
    ] = False,
    signer_passphrase_file: SignerFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Examine authorities."""
    from sentinel.pki.office.doctor import examine

    came = _recovered(ctx, key, passphrase_file, signer_passphrase_file) if recover else None
    with reading(ctx) as (now, home, opened):
        found = examine(home, opened, now, time.time_ns())
    _put(now, found, came, as_json=as_json)
    return ExitCode.FOUND if found.findings else ExitCode.DONE


def _recovered(
    ctx: typer.Context, key: Path | None, passphrase_file: Path | None, signer_passphrase_file: Path | None
) -> Came:
    from sentinel.pki.office.signers import finish, signer
    from sentinel.pki.register.issuing import Came, Issuance

    with calling(ctx, key, passphrase_file) as call:
        call.by.must("pki.issue")
        asked_ = (
            "select distinct key from authority join certificate on issuer = authority.number where tbs is not null"
        )
        keys = [name for (name,) in call.register.rows(asked_)]
        if not keys:
            return Came(0)
        with signer(call.home, call.now.people, unlocking(signer_passphrase_file), keys) as client:
            return Issuance(call.register, client, finish, time.time_ns).recover()


def _put(now: Settings, found: Examined, came: Came | None, *, as_json: bool) -> None:
    from dataclasses import asdict

    from sentinel.cli.people import put
    from sentinel.console.text import visible

    if as_json:
        recovered = {"issued": came.issued, "given_up": came.given_up} if came else None
        findings = [asdict(each) for each in found.findings]
        asked.put_json({"findings": findings, "not_looked_at": found.skipped, "recovered": recovered})
        return
    if came:
        told = _("finished: {issued} issued, {given_up} given up")
        put(now, [told.format(issued=came.issued, given_up=came.given_up)])
    for each in found.findings:
        word = _("soon") if each.soon else _("wrong")
        put(now, [visible(f"{word}: {each.place}: {each.what}" if each.place else f"{word}: {each.what}")])
        put(now, [visible(f"  {each.hint}")] if each.hint else [])
    put(now, [_("not looked at: {what}").format(what=what) for what in found.skipped])
    count = len(found.findings)
    told = n_("{count} finding", "{count} findings", count).format(count=count)
    put(now, [told if count else _("nothing is wrong")])


def responder(
    ctx: typer.Context,
    issuer: IssuerName = "",
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Ask for the next certificate of a responder; called again once it is issued, put it in place."""
    from sentinel.pki.office.founding import RESPONDER_PROFILE
    from sentinel.pki.office.renewing import responder_asked, responder_newest
    from sentinel.pki.office.working import issuer_of

    with calling(ctx, key, passphrase_file) as call:
        call.by.must("pki.request")
        chosen = issuer_of(call.register, issuer)
        profile = call.home.profiles(call.now)[RESPONDER_PROFILE]
        newest = responder_newest(call.register, chosen, profile)
        place = call.home.responder_certificate(chosen.id)
        if newest and _is_newer(newest, place):
            _install(newest, place)
            return _put_responder(call, None, place, as_json=as_json)
        made = responder_asked(call.register, chosen, profile) or _asked(call, chosen, profile)
        return _put_responder(call, made, place, as_json=as_json)


def _is_newer(newest: bytes, place: Path) -> bool:
    """Tell whether a certificate ends later than the one in place, and is of the same key."""
    from sentinel.pki.certificates.parse import parsed

    if not place.exists():
        return True
    there, found = parsed(place.read_bytes()), parsed(newest)
    return found.not_after > there.not_after and found.spki == there.spki


def _install(certificate: bytes, place: Path) -> None:
    from sentinel.store.embedded import disk

    with disk.told(place):
        disk.make_folder(place.parent)
        disk.put(place, certificate)


def _asked(call: Call, issuer: Issuer, profile: Profile) -> Request:
    from sentinel.pki.certificates.build import tbs_of
    from sentinel.pki.office.renewing import responder_order
    from sentinel.pki.register.asking import Item, ask

    order = responder_order(call.register, issuer, profile, call.moment // _SECOND)
    item = Item(order, tbs_of(order, profile, issuer))
    return ask(call.register, issuer.id, [item], call.by, call.moment, order.subject["common_name"])


def _put_responder(call: Call, made: Request | None, place: Path, *, as_json: bool) -> int:
    from sentinel.cli.people import put
    from sentinel.console import pki as views
    from sentinel.console.text import visible
    from sentinel.pki.register.tables import State

    if as_json:
        asked.put_json({"request": views.request_object(made) if made else None, "certificate": str(place)})
    elif made is None:
        put(call.now, [visible(_("in place: {path}; `sentinel pki serve` takes it up").format(path=place))])
    else:
        step = "approve" if made.state is State.WAITING else "issue"
        put(call.now, [_("Next: sentinel pki {step} {id}").format(step=step, id=made.id)])
        put(call.now, [_("then call `sentinel pki responder` again, which puts it in place")])
    return ExitCode.DONE
