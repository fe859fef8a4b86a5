"""`sentinel pki doctor|responder`: what is wrong with authorities, and who answers about their certificates."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki import IssuerName, NewPassphraseFile, SignerFile, calling, reading, unlocking
from sentinel.language import _, n_

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.cli.pki import Call
    from sentinel.pki.office.doctor import Examined
    from sentinel.pki.register.file import Request
    from sentinel.pki.register.issuing import Came
    from sentinel.settings import Settings


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
    new_key: Annotated[
        bool, typer.Option("--new-key", help=_("Make a new key, which takes the place of the one there."))
    ] = False,
    new_passphrase_file: NewPassphraseFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Ask for the next certificate of a responder; called again once it is issued, put it in place."""
    from sentinel.cli.acting import new_passphrase
    from sentinel.pki.office import responding
    from sentinel.pki.office.founding import RESPONDER_PROFILE
    from sentinel.pki.office.working import issuer_of

    with calling(ctx, key, passphrase_file) as call:
        call.by.must("pki.request")
        chosen = issuer_of(call.register, issuer)
        profile = call.home.profiles(call.now)[RESPONDER_PROFILE]
        place = call.home.responder_certificate(chosen.id)
        if responding.install(call.home, call.register, chosen, profile):
            return _put_responder(call, None, place, as_json=as_json)
        new_key = new_key or not responding.is_there(call.home, chosen.id)
        made = responding.waiting(call.home, call.register, chosen, profile, new_key=new_key)
        if made is None:
            secret = (lambda: new_passphrase(place.with_suffix(".pem"), new_passphrase_file)) if new_key else None
            made = responding.ask_next(call.home, call.register, chosen, profile, call.by, call.moment, secret)
        return _put_responder(call, made, place, as_json=as_json)


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
        key = " --key FILE" if step == "approve" else ""
        put(call.now, [_("Next: sentinel pki {step} {id}").format(step=step, id=made.id) + key])
        put(call.now, [_("then call `sentinel pki responder` again, which puts it in place")])
    return ExitCode.DONE
