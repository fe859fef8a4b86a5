"""`sentinel pki authority`: authorities follow others, below the root that there is or below the next one."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli import pki_options as options
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.pki import SignerFile, calling, reading
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.pki.office.ceremony import Among, Held
    from sentinel.pki.office.crossing import Cross
    from sentinel.pki.register.file import Authority
    from sentinel.settings import Settings

Text = Annotated[str, typer.Option("--name", metavar="TEXT", help=later("The new authority's name."))]


def register(group: typer.Typer) -> None:
    """Add the group."""
    below = typer.Typer(help=_("Authorities that follow others."), rich_markup_mode=None)
    below.command("list", help=_("List the authorities, and which of them issue no more."))(list_all)
    below.command("add", help=_("Found the next authority that issues, below a root; called again, finish it."))(add)
    below.command("add-root", help=_("Found the next root, and let both sign each other's key."))(add_root)
    below.command("cross-sign", help=_("Let a root sign the key of another."))(cross_sign)
    below.command("retire", help=_("Let an authority sign lists alone, and no certificates."))(retire)
    group.add_typer(below, name="authority")


def list_all(ctx: typer.Context, as_json: Json = False) -> None:
    """List authorities."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.text import visible
    from sentinel.console.times import iso, shown, zone_named
    from sentinel.pki.office.crossing import crosses
    from sentinel.pki.signing.home import entries

    with reading(ctx) as (now, home, opened):
        made, zone = opened.authorities(), zone_named(now.timezone)
        crossed = crosses(opened, made)
        retired = {each.name: each.retired for each in entries(home.signer) if each.retired is not None}
    if as_json:
        listed = [
            views.authority_object(each)
            | {"retired": iso(retired[each.issuer.key]) if each.issuer.key in retired else None}
            for each in made
        ]
        asked.put_json({"authorities": listed, "crosses": [*map(views.cross_object, crossed)]})
        return
    put(now, views.authorities_table(made, zone, width_of(now)))
    put(now, [visible(views.cross_line(each, zone)) for each in crossed])
    told = _("{id} signs lists alone since {time}")
    ended = [each for each in made if each.issuer.key in retired]
    put(now, [visible(told.format(id=each.issuer.id, time=shown(retired[each.issuer.key], zone))) for each in ended])


def add(
    ctx: typer.Context,
    id_: Annotated[str, typer.Option("--id", metavar="ID", help=_("What commands call the new authority."))],
    approver_key: options.ApproverKey,
    like: Annotated[
        str, typer.Option("--like", metavar="ID", help=_("The authority that it follows: the same names and address."))
    ] = "",
    root: Annotated[
        str, typer.Option("--root", metavar="ID", help=_("The root that it hangs below; else the newest in use."))
    ] = "",
    name: Text = "",
    shares: options.ShareFiles = None,
    signer_passphrase_file: SignerFile = None,
    approver_passphrase_file: options.ApproverFile = None,
    new_passphrase_file: options.NewFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Found the next authority, or make what is missing of one."""
    from sentinel.cli.acting import new_passphrase
    from sentinel.cli.pki_founding import checked_id
    from sentinel.cli.pki_shares import root_secret
    from sentinel.people.register import nfc
    from sentinel.pki.office import rollover

    with reading(ctx) as (now, home, opened):
        every = opened.authorities()
        known = [each.issuer.id for each in every if each.kind != "root" and each.issuer.id != id_]
        followed = like or (known[-1] if known else "")
        is_begun = any(each.issuer.id == checked_id(id_) for each in every)
        secrets = {}
        if not is_begun:  # else what is missing is signed by the authority itself
            above = opened.authority(root) if root else rollover.newest_root(home, opened, time.time_ns())
            root, used = above.issuer.id, above.issuer.key
            secrets = {used: root_secret(shares, signer_passphrase_file, used)}
    founder = options.founder_of(
        now, approver_key, approver_passphrase_file, key, passphrase_file,
        lambda: new_passphrase(home.signer, new_passphrase_file),
    )  # fmt: skip
    founder = replace(founder, passphrases=secrets)
    made = rollover.add(home, founder, home.profiles(now), followed, id_, nfc(name), root)
    _put_added(now, made, followed, as_json=as_json)


def _put_added(now: Settings, made: Authority, followed: str, *, as_json: bool) -> None:
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named

    if as_json:
        asked.put_json({"authority": views.authority_object(made)})
        return
    put(now, views.authorities_table([made], zone_named(now.timezone), width_of(now)))
    put(now, [_("Next: sentinel pki crl --issuer {id}").format(id=made.issuer.id)])
    put(now, [_("then: sentinel pki authority retire {id}").format(id=followed)] if followed else [])


def add_root(
    ctx: typer.Context,
    approver_key: options.ApproverKey,
    id_: Annotated[str, typer.Option("--id", metavar="ID", help=_("What commands call the new root."))] = "",
    after: Annotated[
        str, typer.Option("--after", metavar="ID", help=_("The root that it follows; else the newest in use."))
    ] = "",
    name: Text = "",
    organization: Annotated[
        str, typer.Option("--organization", metavar="TEXT", help=_("Who runs it, where that is another than before."))
    ] = "",
    agency: options.AgencyCode = "",
    algorithm: Annotated[
        str, typer.Option("--algorithm", metavar="NAME", help=_("How it signs; else as the one before."))
    ] = "",
    custodians: Annotated[list[str] | None, options.CUSTODIAN] = None,
    threshold: Annotated[int, options.THRESHOLD] = 0,
    new_shares: options.Shares = None,
    no_cross: Annotated[
        bool, typer.Option("--no-cross", help=_("Let neither sign the other's key, as where others have the old one."))
    ] = False,
    shares: options.ShareFiles = None,
    signer_passphrase_file: SignerFile = None,
    approver_passphrase_file: options.ApproverFile = None,
    new_passphrase_file: options.NewFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Found the next root."""
    from sentinel.cli.acting import new_passphrase
    from sentinel.cli.pki_founding import algorithm_named, checked_id
    from sentinel.cli.pki_shares import root_secret
    from sentinel.people.register import nfc
    from sentinel.pki.office import rollover

    among = _among(custodians or (), threshold, new_shares)
    with reading(ctx) as (now, home, opened):
        moment = time.time_ns()
        old = opened.authority(after) if after else rollover.newest_root(home, opened, moment)
        wanted = rollover.NextRoot(
            checked_id(id_) if id_ else rollover.next_id(opened), nfc(name), nfc(organization), agency,
            algorithm_named(algorithm, "--algorithm") if algorithm else None, not no_cross,
        )  # fmt: skip
        rollover.following(opened, old, wanted)  # what cannot be is told before anybody has typed anything
        signs = not no_cross and old.issuer.key not in home.retired(moment)
    secrets = {old.issuer.key: root_secret(shares, signer_passphrase_file, old.issuer.key)} if signs else {}
    founder = options.founder_of(
        now, approver_key, approver_passphrase_file, key, passphrase_file,
        lambda: b"" if among else new_passphrase(home.signer / f"{wanted.id}.pem", new_passphrase_file),
    )  # fmt: skip
    founder = replace(founder, passphrases=secrets)
    made, crossed, held = rollover.add_root(home, old, wanted, founder, home.profiles(now), among)
    _put_root(now, made, crossed, held, as_json=as_json)


def _among(custodians: Sequence[str], threshold: int, folder: Path | None) -> Among | None:
    """Give among whom the new key is split; None where it has a passphrase. Raise InputError."""
    from sentinel.cli.pki_shares import giving
    from sentinel.pki.office.ceremony import Among

    if not custodians and not threshold:
        if folder is not None:
            raise InputError(_("shares are of custodians"), place="--shares", hint=_("name them: --custodian NAME"))
        return None
    return Among(custodians, threshold, giving(folder))


def _put_root(now: Settings, made: Authority, crossed: Sequence[Cross], held: Held | None, *, as_json: bool) -> None:
    from sentinel.cli.people import put, width_of
    from sentinel.cli.pki_founding import put_founded, put_pem
    from sentinel.console import pki as views
    from sentinel.console.text import visible
    from sentinel.console.times import zone_named

    files = [put_founded(now, made), *(put_pem(now, each.id, each.certificate) for each in crossed)]
    if as_json:
        told = {"authority": views.authority_object(made), "crosses": [*map(views.cross_object, crossed)]}
        asked.put_json(told | {"page": str(held.page) if held else None, "files": [*map(str, files)]})
        return
    zone, id_ = zone_named(now.timezone), made.issuer.id
    put(now, views.authorities_table([made], zone, width_of(now)))
    steps = [
        *(views.cross_line(each, zone) for each in crossed),
        *([_("Print {path}, and have everybody sign it.").format(path=held.page)] if held else []),
        _("Give {path} to whoever is to trust it.").format(path=files[0]),
        _("Next: sentinel pki crl --issuer {id}").format(id=id_),
        _("then: sentinel pki authority add --root {id} --id ID").format(id=id_),
    ]
    put(now, [*map(visible, steps)])


def cross_sign(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="ID", help=_("The root whose key is signed."))],
    by: Annotated[str, typer.Option("--by", metavar="ID", help=_("The root that signs it."))],
    approver_key: options.ApproverKey,
    shares: options.ShareFiles = None,
    signer_passphrase_file: SignerFile = None,
    approver_passphrase_file: options.ApproverFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Let a root sign the key of another."""
    from sentinel.cli.people import put
    from sentinel.cli.pki_founding import put_pem
    from sentinel.cli.pki_shares import root_secret
    from sentinel.console import pki as views
    from sentinel.console.text import visible
    from sentinel.console.times import zone_named
    from sentinel.pki.office import rollover

    with reading(ctx) as (now, home, opened):
        rollover.check_pair(opened.authority(subject), opened.authority(by))
        secret = root_secret(shares, signer_passphrase_file, opened.authority(by).issuer.key)
    founder = options.founder_of(now, approver_key, approver_passphrase_file, key, passphrase_file, lambda: secret)
    made = rollover.cross_sign(home, founder, home.profiles(now), subject, by)
    file = put_pem(now, made.id, made.certificate)
    if as_json:
        asked.put_json({"cross": views.cross_object(made), "file": str(file)})
        return
    put(now, [visible(views.cross_line(made, zone_named(now.timezone))), visible(str(file))])


def retire(
    ctx: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help=_("The authority that is to issue no more."))],
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Retire an authority."""
    from sentinel.cli.people import put
    from sentinel.console.times import iso, shown, zone_named
    from sentinel.pki.office.rollover import retire as retired

    with calling(ctx, key, passphrase_file) as call:
        since = retired(call.home, call.register, id_, call.by, call.moment)
        if as_json:
            asked.put_json({"authority": id_, "retired": iso(since)})
            return
        time_ = shown(since, zone_named(call.now.timezone))
        put(call.now, [_("{id} signs lists alone since {time}").format(id=id_, time=time_)])
        if call.home.socket.exists():
            put(call.now, [_("start the signer again: it takes this up then")])
