"""`sentinel people key`: the keys that prove who acts."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.language import _, later

if TYPE_CHECKING:
    from sentinel.crypto.keys import PrivateKey
    from sentinel.people.register import People
    from sentinel.people.writing import Register
    from sentinel.settings import Settings

NewPassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--new-passphrase-file",
        metavar="FILE",
        help=later("The new key's passphrase is its first line; else the terminal asks for it."),
    ),
]
Owner = Annotated[str, typer.Argument(metavar="NAME", help=later("Whose key it is."))]


def register(people: typer.Typer) -> None:
    """Add the group `key`."""
    group = typer.Typer(help=_("Look after the keys that prove who acts."), rich_markup_mode=None)
    group.command("new", help=_("Make a key, encrypted by a passphrase, and register its public half."))(new)
    group.command("add", help=_("Register a public key that somebody made: PEM, or a line of OpenSSH."))(add)
    group.command("list", help=_("List keys, retired ones too."))(list_keys)
    group.command("retire", help=_("Let a key prove nothing from now on; what it signed before counts."))(retire)
    people.add_typer(group, name="key")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made, and where its private half goes, under which passphrase."""

    key: PrivateKey
    passphrase: bytes = field(repr=False)
    out: Path

    def register(self, found: Register, name: str) -> None:
        """Register it as somebody's and write it. Raise InputError where the file is there, or nobody of the name."""
        from sentinel.crypto.key_files import write_private

        found.add_key(name, self.key.public, time.time_ns())
        write_private(self.out, self.key, self.passphrase)  # before the register: a key that is nobody's does no harm


def made(out: Path, passphrase_file: Path | None) -> NewKey:
    """Make a key; raise InputError where there is no passphrase for it."""
    from sentinel.cli.acting import new_passphrase
    from sentinel.crypto.keys import PrivateKey

    return NewKey(PrivateKey.new(), new_passphrase(out, passphrase_file), out)


def new(
    ctx: typer.Context,
    name: Owner,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help=_("A new file for the private key; only you may read it."))
    ],
    new_passphrase_file: NewPassphraseFile = None,
    only_make: Annotated[
        bool,
        typer.Option(
            "--only-make", help=_("Register nothing; write the public half beside it (.pub) for `people key add`.")
        ),
    ] = False,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Make a key."""
    from sentinel.cli.people import changing

    now, new_one = settings.load(ctx.obj), made(out, new_passphrase_file)
    if only_make:
        _make_apart(now, new_one.key, new_one.passphrase, out, as_json=as_json)
        return
    with changing(now, key, passphrase_file) as found:
        new_one.register(found, name)
    _put_key(now, found.people, new_one.key.public.fingerprint, out, as_json=as_json)


def _make_apart(now: Settings, made: PrivateKey, passphrase: bytes, out: Path, *, as_json: bool) -> None:
    from sentinel.cli.people import put
    from sentinel.console.output import replacing
    from sentinel.console.text import visible
    from sentinel.crypto.key_files import write_private

    public = out.with_name(f"{out.name}.pub")
    write_private(out, made, passphrase)
    with replacing(public) as stream:
        stream.write(made.public.pem().encode())
    if as_json:
        told = {"fingerprint": made.public.fingerprint, "kind": made.public.kind, "public": made.public.pem()}
        asked.put_json({**told, "file": str(out), "public_file": str(public)})
    else:
        put(now, [made.public.fingerprint, visible(str(out)), visible(str(public))])


def add(
    ctx: typer.Context,
    name: Owner,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The public key."))],
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Register a public key."""
    from sentinel.cli.people import changing
    from sentinel.crypto.key_files import read_public

    now, public = settings.load(ctx.obj), read_public(file)
    with changing(now, key, passphrase_file) as found:
        found.add_key(name, public, time.time_ns())
    _put_key(now, found.people, public.fingerprint, None, as_json=as_json)


def _put_key(now: Settings, people: People, fingerprint: str, file: Path | None, *, as_json: bool) -> None:
    """Show a key that is registered, and where its private half lies."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import people as views
    from sentinel.console.text import visible
    from sentinel.console.times import zone_named

    signer = people.signers()[fingerprint]
    if as_json:
        asked.put_json({**views.key_object(signer), **({"file": str(file)} if file else {})})
        return
    put(now, views.keys_table([signer], zone_named(now.timezone), width_of(now)))
    if file:
        put(now, ["", _("private key, which only its owner may have: {path}").format(path=visible(str(file)))])


def list_keys(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help=_("Only this person's keys."))] = "",
    as_json: Json = False,
) -> None:
    """List keys."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import people as views
    from sentinel.console.times import zone_named
    from sentinel.people.register import read

    now = settings.load(ctx.obj)
    people = read(now.people)
    persons = [people.named(name)] if name else people.persons
    keys = [signer for person in persons for signer in person.keys]
    if as_json:
        asked.put_json({"keys": [*map(views.key_object, keys)]})
    elif keys:
        put(now, views.keys_table(keys, zone_named(now.timezone), width_of(now)))
    else:
        put(now, [_("no key is registered")])


def retire(
    ctx: typer.Context,
    name: Owner,
    fingerprint: Annotated[
        str, typer.Argument(metavar="FINGERPRINT", help=_("The key's, or as much of it as no other has."))
    ],
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Retire a key."""
    from sentinel.cli.people import changing

    now = settings.load(ctx.obj)
    with changing(now, key, passphrase_file) as found:
        signer = found.retire(name, fingerprint, time.time_ns())
    _put_key(now, found.people, signer.key.fingerprint, None, as_json=as_json)
