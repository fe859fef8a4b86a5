"""`sentinel pki init`: authorities are founded."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pki.model import Algorithm, Name
    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Authority
    from sentinel.pki.requests.rights import Agencies
    from sentinel.settings import Settings


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("init", help=_("Found a root, an authority that issues, and who answers about its certificates."))(
        init
    )


def init(
    ctx: typer.Context,
    organization: Annotated[
        str, typer.Option("--organization", metavar="TEXT", help=_("Who runs the authorities, as people write it."))
    ],
    agency: Annotated[str, typer.Option("--agency", metavar="CODE", help=_("Its identifier code, such as H49.61."))],
    url: Annotated[
        str,
        typer.Option("--url", metavar="URL", help=_("Where lists and answers will be served: http://pki.gov.example.")),
    ],
    approver_key: Annotated[
        Path, typer.Option("--approver-key", metavar="FILE", help=_("The private key of the approver, who agrees."))
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
    id_: Annotated[
        str, typer.Option("--id", metavar="ID", help=_("What commands call the issuing authority."))
    ] = "agencies",
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help=_("The issuing authority's name."))] = "",
    root_name: Annotated[str, typer.Option("--root-name", metavar="TEXT", help=_("The root's name."))] = "",
    algorithm: Annotated[
        str, typer.Option("--algorithm", metavar="NAME", help=_("How the issuing authority signs."))
    ] = "ecdsa-p256-sha256",
    root_algorithm: Annotated[
        str, typer.Option("--root-algorithm", metavar="NAME", help=_("How the root signs."))
    ] = "ecdsa-p384-sha384",
    approver_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            "--approver-passphrase-file", metavar="FILE", help=_("The approver's passphrase is its first line.")
        ),
    ] = None,
    new_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            "--new-passphrase-file", metavar="FILE", help=_("The passphrase of all new keys is its first line.")
        ),
    ] = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Found authorities."""
    from sentinel.cli.acting import acting_among, new_passphrase, private_key
    from sentinel.people.acting import by_key
    from sentinel.people.register import nfc, read
    from sentinel.pki.office.founding import Founder, Founding, found
    from sentinel.pki.office.home import Home

    now = settings.load(ctx.obj)
    home, people = Home(now.pki), read(now.people)
    by = acting_among(people, key, passphrase_file)
    by.must("pki.found")
    wanted = Founding(
        organization=nfc(organization),
        agency=agency,
        root=nfc(root_name) or _("{organization}: root").format(organization=nfc(organization)),
        issuing=nfc(name) or nfc(organization),
        id=checked_id(id_),
        url=checked_url(url),
        names=tuple(map(named, names)) if names else names_of_all(home.policy(now, by.name).agencies),
        algorithm=_algorithm(algorithm, "--algorithm"),
        root_algorithm=_algorithm(root_algorithm, "--root-algorithm"),
    )
    approver = by_key(people, private_key(approver_key, approver_passphrase_file))
    secret = new_passphrase(home.signer, new_passphrase_file)
    founder = Founder(by, approver, people, now.people, secret, time.time_ns)
    with whole(home) as building:
        made = found(building, wanted, founder, home.profiles(now))
    _put(now, home.public / "root.pem", made, as_json=as_json)


@contextmanager
def whole(home: Home) -> Iterator[Home]:
    """Give a folder to found authorities in, whose files come to their place once all of them are there.

    A founding that fails half-way would leave a root that nothing can be added to.
    """
    import shutil

    from sentinel.errors import InputError
    from sentinel.pki.office.home import Home

    for there in (home.folder / "register.db", home.signer):
        if there.exists():
            raise InputError(_("there are authorities here already"), place=str(home.folder))
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    building = home.folder / ".founding"
    shutil.rmtree(building, ignore_errors=True)  # of one that was killed
    try:
        yield Home(building)
        for each in sorted(building.iterdir()):
            each.rename(home.folder / each.name)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def checked_id(text: str) -> str:
    """Give what an authority is called: it is part of addresses and of names of files."""
    import re

    from sentinel.errors import InputError
    from sentinel.pki.office.home import ROOT

    if text == ROOT or not re.fullmatch("[a-z0-9][a-z0-9-]{0,31}", text):
        told = _("'{text}' cannot be what an authority is called").format(text=text)
        raise InputError(told, place="--id", hint=_("small letters without marks, digits and -, such as agencies-2"))
    return text


def checked_url(text: str) -> str:
    """Give where lists will be served: by HTTP, for TLS would have to ask for the list that it needs (RFC 5280, 8)."""
    from urllib.parse import urlsplit

    from sentinel.errors import InputError

    try:
        parts = urlsplit(text)
        sound = parts.scheme == "http" and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        sound = False
    if not sound or not text.isascii() or not text.isprintable() or " " in text:
        told = _("not an address for lists and answers: '{text}'").format(text=text)
        raise InputError(told, place="--url", hint=_("write http://pki.gov.example"))
    return text.rstrip("/")


def named(text: str) -> Name:
    """Read a domain, network or mail domain that an authority may give names of."""
    from ipaddress import ip_network

    from sentinel.errors import InputError
    from sentinel.pki.model import Name, NameKind
    from sentinel.pki.requests.names import of

    kind, sign, value = text.partition(":")
    if kind == NameKind.IP and sign:
        try:
            return Name(NameKind.IP, str(ip_network(value)))
        except ValueError as error:
            raise InputError(str(error), place="--may-issue") from None
    if kind == NameKind.EMAIL and sign:
        return Name(NameKind.EMAIL, of(NameKind.DNS, value, "--may-issue").value)
    return of(NameKind.DNS, text.removeprefix("dns:"), "--may-issue")


def names_of_all(agencies: Agencies) -> tuple[Name, ...]:
    """Give what all agencies together may ask for; raise InputError where that is nothing."""
    from sentinel.errors import InputError
    from sentinel.pki.model import Name, NameKind

    found = [
        Name(kind, text)
        for table in agencies.tables.values()
        for kind, texts in (
            (NameKind.DNS, table.domains),
            (NameKind.IP, [network.text for network in table.networks or ()]),
            (NameKind.EMAIL, table.mail),
        )
        for text in texts or ()
    ]
    if not found:
        raise InputError(_("no agency may ask for any name"), place="--may-issue", hint=_("name a domain: gov.example"))
    return tuple(dict.fromkeys(found))


def _algorithm(text: str, option: str) -> Algorithm:
    from sentinel.errors import InputError
    from sentinel.pki.model import Algorithm

    try:
        return Algorithm(text)
    except ValueError:
        raise InputError(
            _("unknown algorithm '{name}'").format(name=text),
            place=option,
            hint=_("algorithms: {names}").format(names=", ".join(Algorithm)),
        ) from None


def _put(now: Settings, root: Path, made: list[Authority], *, as_json: bool) -> None:
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.output import replacing
    from sentinel.console.text import visible
    from sentinel.console.times import zone_named
    from sentinel.pki.office.reading import pem_of

    root.parent.mkdir(parents=True, exist_ok=True)
    with replacing(root) as stream:
        stream.write(pem_of(made[0].issuer.certificate))
    if as_json:
        asked.put_json({"authorities": [*map(views.authority_object, made)], "root": str(root)})
        return
    put(now, views.authorities_table(made, zone_named(now.timezone), width_of(now)))
    steps = (
        _("Give {path} to whoever is to trust it.").format(path=root),
        _("Keep the passphrase, and a copy of {path}, where no fire reaches both.").format(path=now.pki),
        _("Next: sentinel pki request --agency CODE --csr FILE --purpose TEXT"),
    )
    put(now, ["", *map(visible, steps)])
