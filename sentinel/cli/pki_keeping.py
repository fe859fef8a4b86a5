"""`sentinel pki renew|replaced|backup|restore`: what keeps certificates and authorities going."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import asked, pki_authority, pki_ceremony, pki_doctor, pki_grants
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki import calling, reading
from sentinel.cli.pki_asked import Asked, put_asked
from sentinel.cli.pki_choosing import ANY, AllMatching, Chosen, Happened, Serials, check_choice
from sentinel.cli.pki_paranoid import Paranoid, judging
from sentinel.cli.pki_telling import telling
from sentinel.cli.wanted import filtered
from sentinel.errors import InputError
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.pki.office.keeping import Kept
    from sentinel.pki.register.file import Row
    from sentinel.pki.requests.csr import Csr

_SECOND = 1_000_000_000
_SHOWN = 20


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("renew", help=_("Ask anew for certificates, with the same names and key."))(filtered(renew))
    group.command("replaced", help=_("List what a renewal replaced and still counts, or revoke it."))(replaced)
    group.command("backup", help=_("Copy authorities and their register, also while in use."))(backup)
    group.command("restore", help=_("Make authorities of a backup, where there are none."))(restore)
    pki_doctor.register(group)
    pki_ceremony.register(group)
    pki_authority.register(group)
    pki_grants.register(group)


def renew(
    ctx: typer.Context,
    ids: Serials = None,
    all_matching: AllMatching = False,
    csr: Annotated[
        Path | None,
        typer.Option("--csr", metavar="FILE", help=_("A request with the new key; of it nothing else is taken.")),
    ] = None,
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="TEXT", help=_("What it is for; approvers read it."))
    ] = "",
    by: Annotated[
        str, typer.Option("--by", metavar="ID", help=_("The authority that is to issue them; else the same one."))
    ] = "",
    chosen: Chosen = ANY,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Check all, and ask for nothing."))] = False,
    paranoid: Paranoid = False,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Ask for certificates anew."""
    from sentinel.people.register import nfc
    from sentinel.pki.office import renewing
    from sentinel.pki.register.asking import ask
    from sentinel.pki.requests.check import Findings

    check_choice(ids, all_matching=all_matching)
    with calling(ctx, key, passphrase_file) as call:
        policy = call.home.policy(call.now, call.by.name)
        rows = chosen.rows(call.register, ids, ("issued",))
        rows = rows if ids else renewing.renewable(rows, policy)
        if not rows:
            raise InputError(_("there is no such certificate"), hint=_("`sentinel pki list` takes the same options"))
        judge = judging(paranoid=paranoid)
        given, findings = _csr(csr, rows), Findings()
        issuer = renewing.issuer_for(call.register, rows, by, call.home.retired(call.moment))
        with telling(call.now, _("certificates checked"), len(rows)) as told:
            items = renewing.items_again(
                call.register, rows, policy, issuer, call.moment // _SECOND, findings, csr=given, judge=judge, told=told
            )
        made = None
        if items and not dry_run:
            why, origin = nfc(purpose) or _("renewal"), renewing.origin_of(rows)
            made = ask(call.register, issuer.id, items, call.by, call.moment, why, origin)
        more = {"replaces": f"r{made.replaces}" if made and made.replaces else None}
        then = _("When the new ones are in place: sentinel pki replaced {id} --revoke")
        steps = [then.format(id=made.id)] if made else []
        return put_asked(call.now, Asked(made, len(items), findings), more, steps, as_json=as_json)


def _csr(path: Path | None, rows: Sequence[Row]) -> Csr | None:
    from sentinel.pki.requests import csr

    if path is None:
        return None
    if len(rows) != 1:
        raise InputError(_("a request has the new key of one certificate"), place="--csr", hint=_("name just one"))
    try:
        return csr.read(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(_("cannot be read: {reason}").format(reason=error.strerror), place=str(path)) from None


def replaced(
    ctx: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="REQUEST", help=_("The request that renewed them, such as r12."))],
    revoke: Annotated[bool, typer.Option("--revoke", help=_("Revoke them, as superseded."))] = False,
    text: Happened = "",
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """List what was replaced and still counts, or revoke it."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.pki.office.renewing import replaced_by

    with reading(ctx) as (now, _home, opened):
        rows = replaced_by(opened, opened.request(id_))
    if revoke and rows:
        return _revoke(ctx, rows, text or id_, key, passphrase_file, as_json=as_json)
    if as_json:
        asked.put_json({"total": len(rows), "certificates": [*map(views.certificate_object, rows)]})
    elif rows:
        put(now, views.certificates_table(rows[:_SHOWN], zone_named(now.timezone), width_of(now)))
        put(now, [n_("{count} still counts", "{count} still count", len(rows)).format(count=len(rows))])
    else:
        put(now, [_("nothing that it replaced still counts")])
    return ExitCode.DONE


def _revoke(  # what, why, by whom
    ctx: typer.Context, rows: Sequence[Row], text: str, key: Path | None, passphrase_file: Path | None, *, as_json: bool
) -> int:
    from sentinel.cli.people import put
    from sentinel.console import pki as views
    from sentinel.pki.model import Reason
    from sentinel.pki.register.revoking import revoke
    from sentinel.pki.status.crl import entry

    with calling(ctx, key, passphrase_file) as call:
        outcomes = revoke(call.register, rows, Reason.SUPERSEDED, call.by, call.moment, entry, text)
        done = [each.row for each in outcomes if each.is_done]
        if as_json:
            items = [*map(views.certificate_object, done)]
            asked.put_json({"done": len(done), "not_done": len(outcomes) - len(done), "items": items})
        else:
            told = n_("{count} certificate revoked", "{count} certificates revoked", len(done))
            put(call.now, [told.format(count=len(done)), _("Next: sentinel pki crl, so that everybody learns of it")])
    return ExitCode.DONE if len(done) == len(outcomes) else ExitCode.PARTLY


def backup(
    ctx: typer.Context,
    into: Annotated[Path, typer.Argument(metavar="FOLDER|FILE", help=_("A new folder, or a new file named ….tar."))],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help=_("Copy the private keys too, encrypted, and the signer's log."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy authorities."""
    from sentinel.pki.office import keeping
    from sentinel.pki.office.home import Home

    now = settings.load(ctx.obj)
    with telling(now, _("entries checked")) as told:
        kept = keeping.backup(Home(now.pki), now.people, into, time.time_ns(), keys=with_keys, told=told)
    _put_kept(now, kept, as_json=as_json)


def restore(
    ctx: typer.Context,
    origin: Annotated[Path, typer.Argument(metavar="BACKUP", help=_("The folder or file of a backup."))],
    as_json: Json = False,
) -> None:
    """Make authorities of a backup."""
    from sentinel.cli.people import put
    from sentinel.pki.office import keeping
    from sentinel.pki.office.home import Home

    now = settings.load(ctx.obj)
    with telling(now, _("entries checked")) as told:
        kept = keeping.restore(origin, Home(now.pki), now.people, told)
    _put_kept(now, kept, as_json=as_json)
    if not as_json:
        put(now, [_("Next: sentinel pki audit verify --checkpoints FILE, and sentinel pki doctor")])


def _put_kept(now: settings.Settings, kept: Kept, *, as_json: bool) -> None:
    from dataclasses import asdict

    from sentinel.cli.people import put
    from sentinel.console.numbers import number, size
    from sentinel.console.text import visible

    if as_json:
        asked.put_json(asdict(kept) | {"path": str(kept.path)})
        return
    text = _("{path}: {files} files, {size}; a register with {entries} entries, audited").format(
        path=kept.path, files=number(kept.files), size=size(kept.size), entries=number(kept.entries)
    )
    keys = _("private keys are in it, encrypted") if kept.keys else _("no private keys are in it")
    put(now, [visible(text), keys])
