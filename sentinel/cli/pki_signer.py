"""`sentinel pki signer`: the process that signs, as a service of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from sentinel import settings
from sentinel.cli.pki import SignerFile, unlocking
from sentinel.errors import InputError
from sentinel.language import _


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("signer", help=_("Run the process that signs as a service, until stopped."))(serve)


def serve(
    ctx: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="FOLDER", help=_("The signer's home; else `signer` in the setting pki.")),
    ] = None,
    socket: Annotated[
        Path | None, typer.Option("--socket", metavar="FILE", help=_("Where it is asked; else `socket` in its home."))
    ] = None,
    may_ask: Annotated[
        list[str] | None,
        typer.Option(
            "--may-ask", metavar="USER", help=_("A user of the system who may ask it; else only who starts it.")
        ),
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option("--people", metavar="FILE", help=_("Its own people.toml, to check approvals against.")),
    ] = None,
    signer_passphrase_file: SignerFile = None,
) -> None:
    """Serve signatures."""
    from sentinel.pki.office.home import Home
    from sentinel.pki.signing.opening import secrets_of, wanted
    from sentinel.pki.signing.service import serve as serving

    now = settings.load(ctx.obj)
    place = home or Home(now.pki).signer
    uids = [_uid(user) for user in may_ask or ()] or [os.getuid()]
    found = wanted(place, ())
    if not found:
        raise InputError(_("there are no keys here"), place=str(place), hint=_("`sentinel pki init` makes them"))
    secrets = secrets_of(found, unlocking(signer_passphrase_file))
    at = socket or place / "socket"
    serving(place, at, people or now.people, uids, secrets, ready=lambda: typer.echo(str(at), err=True))


def _uid(user: str) -> int:
    """Give the number of a user of the system, named or numbered; raise InputError where there is none."""
    import pwd

    if user.isdecimal():
        return int(user)
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise InputError(_("there is no such user of the system"), place=user) from None
