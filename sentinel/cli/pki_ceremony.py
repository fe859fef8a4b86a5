"""`sentinel pki ceremony|unlock|authority`: roots that belong to several people, and authorities that follow others."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.pki import SignerFile, calling, passphrase, reading
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentinel.pki.office.ceremony import Share
    from sentinel.pki.office.founding import Founder
    from sentinel.pki.register.file import Authority
    from sentinel.settings import Settings

ApproverKey = Annotated[
    Path, typer.Option("--approver-key", metavar="FILE", help=later("The private key of the approver, who agrees."))
]
ApproverFile = Annotated[
    Path | None,
    typer.Option(
        "--approver-passphrase-file", metavar="FILE", help=later("The approver's passphrase is its first line.")
    ),
]
NewFile = Annotated[
    Path | None,
    typer.Option(
        "--new-passphrase-file", metavar="FILE", help=later("The passphrase of all new keys is its first line.")
    ),
]
Shares = Annotated[
    list[Path] | None,
    typer.Option("--share", metavar="FILE", help=later("A custodian's share of the root's passphrase; repeatable.")),
]

_WIPE = "\x1b[2J\x1b[3J\x1b[H"
"""Wipes a terminal and what was scrolled out of it (ECMA-48, ED; xterm's 3)."""


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("ceremony", help=_("Found authorities whose root's key belongs to several people together."))(
        ceremony
    )
    group.command("unlock", help=_("Write the root's passphrase that shares give, into a pipe."))(unlock)
    below = typer.Typer(help=_("Authorities that follow others."), rich_markup_mode=None)
    below.command("list", help=_("List the authorities, and which of them issue no more."))(list_all)
    below.command("add", help=_("Found the next authority that issues, below the root."))(add)
    below.command("retire", help=_("Let an authority sign lists alone, and no certificates."))(retire)
    group.add_typer(below, name="authority")


def ceremony(
    ctx: typer.Context,
    organization: Annotated[
        str, typer.Option("--organization", metavar="TEXT", help=_("Who runs the authorities, as people write it."))
    ],
    agency: Annotated[str, typer.Option("--agency", metavar="CODE", help=_("Its identifier code, such as H49.61."))],
    url: Annotated[
        str,
        typer.Option("--url", metavar="URL", help=_("Where lists and answers will be served: http://pki.gov.example.")),
    ],
    approver_key: ApproverKey,
    custodians: Annotated[
        list[str], typer.Option("--custodian", metavar="NAME", help=_("Who keeps a share, by name; repeatable."))
    ],
    threshold: Annotated[
        int, typer.Option("--threshold", metavar="COUNT", help=_("How many shares give the passphrase."))
    ],
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--may-issue",
            metavar="NAME",
            help=_(
                "What it may give names of: gov.example, ip:10.0.0.0/8, email:gov.example; else all of pki/agencies."
            ),
        ),
    ] = None,
    shares: Annotated[
        Path | None,
        typer.Option(
            "--shares", metavar="FOLDER", help=_("Write each share to a file of its own; else each is shown once.")
        ),
    ] = None,
    id_: Annotated[
        str, typer.Option("--id", metavar="ID", help=_("What commands call the issuing authority."))
    ] = "agencies",
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help=_("The issuing authority's name."))] = "",
    root_name: Annotated[str, typer.Option("--root-name", metavar="TEXT", help=_("The root's name."))] = "",
    approver_passphrase_file: ApproverFile = None,
    new_passphrase_file: NewFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Hold a ceremony."""
    from sentinel.cli.pki_founding import checked_id, checked_url, named, names_of_all, whole
    from sentinel.people.register import nfc
    from sentinel.pki.office.ceremony import hold
    from sentinel.pki.office.founding import Founding
    from sentinel.pki.office.home import Home

    now = settings.load(ctx.obj)
    home, give = Home(now.pki), _giving(shares)
    founder = _founder(now, approver_key, approver_passphrase_file, new_passphrase_file, key, passphrase_file)
    founder.by.must("pki.found")
    wanted = Founding(
        organization=nfc(organization),
        agency=agency,
        root=nfc(root_name) or _("{organization}: root").format(organization=nfc(organization)),
        issuing=nfc(name) or nfc(organization),
        id=checked_id(id_),
        url=checked_url(url),
        names=tuple(map(named, names)) if names else names_of_all(home.policy(now, founder.by.name).agencies),
    )
    with whole(home) as building:
        held = hold(building, wanted, founder, home.profiles(now), custodians, threshold, give)
    page = home.folder / held.page.relative_to(building.folder)
    _put_held(now, held.authorities, page, as_json=as_json)


def _founder(  # who founds, of the call's options
    now: Settings,
    approver_key: Path,
    approver_passphrase_file: Path | None,
    new_passphrase_file: Path | None,
    key: Path | None,
    passphrase_file: Path | None,
) -> Founder:
    from sentinel.cli.acting import acting_among, new_passphrase, private_key
    from sentinel.people.acting import by_key
    from sentinel.people.register import read
    from sentinel.pki.office.founding import Founder

    people = read(now.people)
    by = acting_among(people, key, passphrase_file)
    approver = by_key(people, private_key(approver_key, approver_passphrase_file))
    secret = new_passphrase(now.pki, new_passphrase_file)
    return Founder(by, approver, people, now.people, secret, time.time_ns)


def _giving(folder: Path | None) -> Callable[[Share], None]:
    """Give what hands out shares: into files, or on the terminal, one after the other."""
    if folder is None and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(
            _("shares are shown at a terminal, each to its custodian alone"), hint=_("or written: --shares FOLDER")
        )

    return partial(_write, folder) if folder else _show


def _write(folder: Path, share: Share) -> None:
    path = folder / f"{share.custodian}.share"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        told = _("there is a file already, and nothing is overwritten")
        raise InputError(told, place=str(path), hint=_("name a new folder or file")) from None
    except OSError as error:
        raise InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=str(path)) from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(share.words + "\n")
        stream.flush()
        os.fsync(handle)


def _show(share: Share) -> None:
    typer.prompt(
        _("{name}, alone before this screen, presses Enter").format(name=share.custodian), default="", err=True
    )
    typer.echo(f"\n{share.words}\n", err=True)
    typer.prompt(_("Written down? Enter wipes the screen"), default="", show_default=False, err=True)
    typer.echo(_WIPE, nl=False, err=True)


def _put_held(now: Settings, made: Sequence[Authority], page: Path, *, as_json: bool) -> None:
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.output import replacing
    from sentinel.console.text import visible
    from sentinel.console.times import zone_named
    from sentinel.pki.office.reading import pem_of

    root = now.pki / "public" / "root.pem"
    root.parent.mkdir(parents=True, exist_ok=True)
    with replacing(root) as stream:
        stream.write(pem_of(made[0].issuer.certificate))
    if as_json:
        asked.put_json({"authorities": [*map(views.authority_object, made)], "page": str(page)})
        return
    put(now, views.authorities_table(made, zone_named(now.timezone), width_of(now)))
    put(now, [visible(_("Print {path}, and have everybody sign it.").format(path=page))])


def unlock(
    shares: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help=_("Files with shares, as many as the ceremony said."))
    ],
) -> None:
    """Write the passphrase that shares give."""
    if sys.stdout.isatty():
        raise InputError(
            _("the passphrase is shown to nobody"),
            hint=_("give it to a command: --signer-passphrase-file <(sentinel pki unlock FILE FILE)"),
        )
    typer.echo(_combined(shares).decode())


def _combined(shares: Sequence[Path]) -> bytes:
    from sentinel.crypto.key_files import secret_of
    from sentinel.pki.office.ceremony import combined

    return combined([secret_of(path).decode("utf-8", "replace") for path in shares])


def list_all(ctx: typer.Context, as_json: Json = False) -> None:
    """List authorities."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.text import visible
    from sentinel.console.times import iso, shown, zone_named
    from sentinel.pki.signing.home import entries

    with reading(ctx) as (now, home, opened):
        made, zone = opened.authorities(), zone_named(now.timezone)
        retired = {each.name: each.retired for each in entries(home.signer) if each.retired is not None}
        if as_json:
            asked.put_json({
                "authorities": [
                    views.authority_object(each)
                    | {"retired": iso(retired[each.issuer.key]) if each.issuer.key in retired else None}
                    for each in made
                ]
            })  # fmt: skip
            return
        put(now, views.authorities_table(made, zone, width_of(now)))
        told = _("{id} signs lists alone since {time}")
        ended = [each for each in made if each.issuer.key in retired]
        put(
            now, [visible(told.format(id=each.issuer.id, time=shown(retired[each.issuer.key], zone))) for each in ended]
        )


def add(
    ctx: typer.Context,
    id_: Annotated[str, typer.Option("--id", metavar="ID", help=_("What commands call the new authority."))],
    approver_key: ApproverKey,
    like: Annotated[
        str, typer.Option("--like", metavar="ID", help=_("The authority that it follows: the same names and address."))
    ] = "",
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help=_("The new authority's name."))] = "",
    shares: Shares = None,
    signer_passphrase_file: SignerFile = None,
    approver_passphrase_file: ApproverFile = None,
    new_passphrase_file: NewFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Found the next authority."""
    from dataclasses import replace

    from sentinel.cli.people import put, width_of
    from sentinel.cli.pki_founding import checked_id
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.people.register import nfc
    from sentinel.pki.office.ceremony import add as added
    from sentinel.pki.office.home import ROOT
    from sentinel.pki.office.working import issuer_of

    with reading(ctx) as (now, home, opened):
        known = [each.issuer.id for each in opened.authorities() if each.issuer.id != ROOT]
        followed = like or (known[-1] if known else issuer_of(opened).id)
    secret = _combined(shares) if shares else passphrase(signer_passphrase_file, _("Passphrase of the root's key"))
    founder = _founder(now, approver_key, approver_passphrase_file, new_passphrase_file, key, passphrase_file)
    founder = replace(founder, passphrases={ROOT: secret})
    made = added(home, founder, home.profiles(now), followed, checked_id(id_), nfc(name))
    if as_json:
        asked.put_json({"authority": views.authority_object(made)})
        return
    put(now, views.authorities_table([made], zone_named(now.timezone), width_of(now)))
    put(now, [_("Next: sentinel pki crl --issuer {id}").format(id=id_)])
    put(now, [_("then: sentinel pki authority retire {id}").format(id=followed)])


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
    from sentinel.pki.office.ceremony import retire as retired

    with calling(ctx, key, passphrase_file) as call:
        since = retired(call.home, call.register, id_, call.by, call.moment)
        if as_json:
            asked.put_json({"authority": id_, "retired": iso(since)})
            return
        time_ = shown(since, zone_named(call.now.timezone))
        put(call.now, [_("{id} signs lists alone since {time}").format(id=id_, time=time_)])
        if call.home.socket.exists():
            put(call.now, [_("start the signer again: it takes this up then")])
