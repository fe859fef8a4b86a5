"""`sentinel pki revoke|crl|serve`: what became of certificates, and how everybody learns of it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki import IssuerName, SignerFile, calling, passphrase, reading, unlocking
from sentinel.cli.pki_choosing import ANY, AllMatching, Chosen, Happened, Serials, check_choice
from sentinel.cli.pki_telling import telling
from sentinel.cli.wanted import filtered
from sentinel.errors import InputError
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.cli.pki import Call
    from sentinel.pki.model import Reason
    from sentinel.pki.register.file import Row
    from sentinel.pki.register.revoking import Outcome

_SECOND = 1_000_000_000
_LONGEST_LIST = 731 * 86_400


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("revoke", help=_("Revoke certificates, one by one or all that options choose."))(filtered(revoke))
    group.command("crl", help=_("Issue the revocation lists anew."))(crl)
    group.command("serve", help=_("Give out lists, certificates and answers of OCSP, until stopped."))(serve)


def revoke(
    ctx: typer.Context,
    ids: Serials = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="REASON", help=_("key_compromise, superseded, cessation_of_operation …"))
    ] = "",
    all_matching: AllMatching = False,
    text: Happened = "",
    restore: Annotated[
        bool, typer.Option("--restore", help=_("Let what is held (certificate_hold) count again instead."))
    ] = False,
    chosen: Chosen = ANY,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask, however many certificates there are."))] = False,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Revoke certificates."""
    from sentinel.people.register import nfc
    from sentinel.pki.register import revoking
    from sentinel.pki.status.crl import entry

    wanted_reason = None if restore else _reason(reason)
    if restore and not text.strip():
        raise InputError(_("say why it may count again"), place="--restore", hint=_("give --text TEXT"))
    check_choice(ids, all_matching=all_matching)
    with calling(ctx, key, passphrase_file) as call:
        rows = chosen.rows(call.register, ids, ("held",) if restore else ("issued", "held"))
        rows = rows if ids or chosen.profile else _without_own(call, rows)
        if not rows:
            raise InputError(_("the options choose no certificate"), hint=_("`sentinel pki list` shows what there is"))
        _confirm(rows, _own(call), yes=yes, restore=restore)
        if wanted_reason is None:
            outcomes = revoking.restore(call.register, rows, call.by, call.moment, nfc(text))
        else:
            with telling(call.now, _("certificates revoked"), len(rows)) as told:
                by, now = call.by, call.moment
                outcomes = revoking.revoke(call.register, rows, wanted_reason, by, now, entry, nfc(text), told)
        return _put_outcomes(call, outcomes, as_json=as_json)


def _reason(text: str) -> Reason:
    from sentinel.pki.model import Reason

    if not text:
        raise InputError(_("a revocation needs a reason"), place="--reason", hint=", ".join(Reason))
    # As others write them, too: keyCompromise (RFC 5280, OpenSSL), key-compromise.
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower().replace("-", "_")
    try:
        return Reason(plain)
    except ValueError:
        raise InputError(
            _("'{text}' is no reason for which certificates are revoked").format(text=text),
            place="--reason",
            hint=", ".join(Reason),
        ) from None


def _own(call: Call) -> frozenset[str]:
    """Give the profiles of what authorities themselves need: their own certificates, and of who answers for them."""
    from sentinel import content
    from sentinel.pki.certificates.purposes import PURPOSES
    from sentinel.pki.profiles.load import load

    answering = PURPOSES["ocsp_signing"].oid
    try:
        profiles = call.home.profiles(call.now)
    except InputError as fault:  # which stops nobody from revoking
        typer.echo(f"{fault}", err=True)
        profiles = load([content.profiles()])
    return frozenset(each.id for each in profiles.values() if each.authority or answering in each.purposes)


def _without_own(call: Call, rows: Sequence[Row]) -> list[Row]:
    """Spare the authorities themselves, whose certificates name what they may give, and are of an agency too."""
    own = _own(call)
    kept = [row for row in rows if row.profile not in own]
    if spared := len(rows) - len(kept):
        told = n_(
            "{count} certificate of the authorities is spared",
            "{count} certificates of the authorities are spared",
            spared,
        )
        hint = _("their serial numbers, or --profile, name them")
        typer.echo(f"{told.format(count=spared)}: {hint}", err=True)
    return kept


def _confirm(rows: Sequence[Row], own: frozenset[str], *, yes: bool, restore: bool) -> None:
    import sys

    from sentinel.console.numbers import number

    if yes or not (len(rows) > 1 or any(row.profile in own for row in rows)):
        return
    told = n_("Revoke {count} certificate?", "Revoke {count} certificates?", len(rows))
    if restore:
        told = n_("Let {count} certificate count again?", "Let {count} certificates count again?", len(rows))
    told = told.format(count=number(len(rows)))
    if not restore and any(row.profile in own for row in rows):
        told = _("{question} All that hangs on the authority's own ends with it.").format(question=told)
    if not sys.stdin.isatty():
        raise InputError(told, hint=_("--yes answers this"))
    typer.confirm(told, abort=True, err=True)


def _put_outcomes(call: Call, outcomes: Sequence[Outcome], *, as_json: bool) -> int:
    from sentinel.cli.people import put
    from sentinel.console import pki as views
    from sentinel.console.numbers import number
    from sentinel.console.text import visible

    failed = [each for each in outcomes if not each.is_done]
    if as_json:
        items = [
            views.certificate_object(each.row) | {"done": each.is_done, "problem": each.problem or None}
            for each in outcomes
        ]
        asked.put_json({"done": len(outcomes) - len(failed), "not_done": len(failed), "items": items})
    else:
        put(call.now, [visible(f"{each.row.serial[:12].lower()}: {each.problem}") for each in failed])
        done = len(outcomes) - len(failed)
        put(
            call.now,
            [n_("{count} certificate changed", "{count} certificates changed", done).format(count=number(done))],
        )
        if done:
            put(call.now, [_("Next: sentinel pki crl, so that everybody learns of it")])
    if failed and len(failed) == len(outcomes):
        return ExitCode.FOUND
    return ExitCode.PARTLY if failed else ExitCode.DONE


def crl(
    ctx: typer.Context,
    issuer: IssuerName = "",
    lasts: Annotated[
        str, typer.Option("--lasts", metavar="SPAN", help=_("When the next ones come at the latest."))
    ] = "7d",
    signer_passphrase_file: SignerFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Issue revocation lists."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.pki.office.publishing import publish_lists
    from sentinel.pki.office.signers import signer

    span = asked.duration(lasts, "--lasts") // _SECOND
    if span > _LONGEST_LIST:
        raise InputError(_("a revocation list counts for two years at most"), place="--lasts", hint=_("7d is usual"))
    with calling(ctx, key, passphrase_file) as call:
        chosen = [each for each in call.register.authorities() if issuer in {"", each.issuer.id}]
        if not chosen:
            call.register.authority(issuer)
        keys = [each.issuer.key for each in chosen]
        moment = call.moment // _SECOND
        with signer(call.home, call.now.people, unlocking(signer_passphrase_file), keys) as client:
            lists = [
                each
                for authority in chosen
                for each in publish_lists(call.home, call.register, authority, client, call.by, moment, lasts=span)
            ]
        if as_json:
            asked.put_json({"lists": [*map(views.list_object, lists)], "folder": str(call.home.public)})
        else:
            put(call.now, views.lists_table(lists, zone_named(call.now.timezone), width_of(call.now)))
            put(
                call.now,
                [str(call.home.public), _("Next: sentinel pki serve gives them out, where it does not run yet")],
            )


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help=_("The address to listen at."))] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="NUMBER", help=_("The port; 0 takes one that is free."))
    ] = 8080,
    socket: Annotated[
        Path | None, typer.Option("--socket", metavar="FILE", help=_("Listen at a Unix socket instead."))
    ] = None,
    responder_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            "--responder-passphrase-file", metavar="FILE", help=_("The passphrase of who answers is its first line.")
        ),
    ] = None,
) -> None:
    """Serve lists and answers."""
    from sentinel.pki.office.publishing import Served
    from sentinel.pki.status.published import Lists
    from sentinel.pki.status.server import Listening
    from sentinel.pki.status.server import serve as serving
    from sentinel.pki.status.source import Station

    @cache  # the terminal is not asked again when a responder has its next certificate
    def unlock(name: str) -> bytes:
        prompt, option = _("Passphrase of who answers for {name}").format(name=name), "--responder-passphrase-file"
        return passphrase(responder_passphrase_file, prompt, option)

    with reading(ctx) as (_now, home, opened):
        served = Served(home, opened, unlock)
        served.authorities()  # a passphrase that is wrong is told now, not at /health
        station = Station(Lists(home.public), home.answers, served)
        try:
            serving(station, Listening(host, port, socket), started=lambda address: typer.echo(address, err=True))
        finally:
            station.close()
