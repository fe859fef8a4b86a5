"""`sentinel pki init`: authorities are founded."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli import pki_options as options
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sentinel.pki.model import Algorithm, Name
    from sentinel.pki.office.founding import Founding
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
    organization: options.Organization,
    agency: options.AgencyCode,
    url: options.Url,
    approver_key: options.ApproverKey,
    names: options.MayIssue = None,
    id_: options.IssuingId = "agencies",
    name: options.IssuingName = "",
    root_name: options.RootName = "",
    algorithm: options.IssuingAlgorithm = options.ISSUING_ALGORITHM,
    root_algorithm: options.RootAlgorithm = options.ROOT_ALGORITHM,
    approver_passphrase_file: options.ApproverFile = None,
    new_passphrase_file: options.NewFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Found authorities."""
    from sentinel.cli.acting import new_passphrase
    from sentinel.pki.office.founding import found
    from sentinel.pki.office.home import Home

    now = settings.load(ctx.obj)
    home = Home(now.pki)
    founder = options.founder_of(
        now, approver_key, approver_passphrase_file, key, passphrase_file,
        lambda: new_passphrase(home.signer, new_passphrase_file),
    )  # fmt: skip
    wanted = wanted_of(
        lambda: home.policy(now, founder.by.name).agencies, organization, agency, root_name, name, checked_id(id_),
        checked_url(url), names, algorithm, root_algorithm,
    )  # fmt: skip
    with whole(home) as building:
        made = found(building, wanted, founder, home.profiles(now))
    _put(now, put_founded(now, made[0]), made, as_json=as_json)


def wanted_of(
    agencies: Callable[[], Agencies],
    organization: str,
    agency: str,
    root: str,
    issuing: str,
    id_: str,
    url: str,
    names: Sequence[str] | None,
    algorithm: str,
    root_algorithm: str,
) -> Founding:
    """Give what is to be founded, as options say it; where no names are, `agencies` gives those whose names count.

    Raise InputError for what an option cannot be.
    """
    from sentinel.people.register import nfc
    from sentinel.pki.office.founding import Founding

    return Founding(
        organization=nfc(organization),
        agency=agency,
        root=nfc(root) or _("{organization}: root").format(organization=nfc(organization)),
        issuing=nfc(issuing) or nfc(organization),
        id=id_,
        url=url,
        names=tuple(map(named, names)) if names else names_of_all(agencies()),
        algorithm=algorithm_named(algorithm, "--algorithm"),
        root_algorithm=algorithm_named(root_algorithm, "--root-algorithm"),
    )


@contextmanager
def whole(home: Home) -> Iterator[Home]:
    """Give a folder to found authorities in, whose files come to their place once all of them are there.

    A founding that fails half-way would leave a root that nothing can be added to.
    """
    import shutil

    from sentinel.errors import InputError
    from sentinel.pki.office.home import Home

    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    building = home.folder / ".founding"
    with _alone(home.folder):
        for there in (home.folder / "register.db", home.signer):
            if there.exists():
                raise InputError(_("there are authorities here already"), place=str(home.folder))
        shutil.rmtree(building, ignore_errors=True)  # of one that was killed
        try:
            yield Home(building)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        # From here on nothing is taken away: the keys come first, and last the register, which says that all is there.
        for each in sorted(building.iterdir(), key=lambda each: (each.name.startswith("register"), each.name)):
            each.rename(home.folder / each.name)
        building.rmdir()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder, which others who found in it wait for."""
    import fcntl
    import os

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


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


def algorithm_named(text: str, option: str) -> Algorithm:
    """Give an algorithm by its name; raise InputError for another."""
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


def put_founded(now: Settings, root: Authority) -> Path:
    """Write a root's certificate, PEM, to where anybody may have it; give the file."""
    return put_pem(now, root.issuer.id, root.issuer.certificate)


def put_pem(now: Settings, name: str, *certificates: bytes) -> Path:
    """Write certificates, PEM, to where anybody may have them; give the file."""
    from sentinel.console.output import replacing
    from sentinel.pki.office.home import Home
    from sentinel.pki.office.reading import pem_of

    path = Home(now.pki).public / f"{name}.pem"
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as stream:
        stream.write(b"".join(map(pem_of, certificates)))
    return path


def _put(now: Settings, root: Path, made: list[Authority], *, as_json: bool) -> None:
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.text import visible
    from sentinel.console.times import zone_named

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
