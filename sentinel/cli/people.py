"""`sentinel people`: who may act, and what they may do."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import asked, people_keys
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.people_keys import NewPassphraseFile
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

    from sentinel.people.register import People
    from sentinel.people.roles import Role
    from sentinel.people.writing import Register
    from sentinel.settings import Settings

Name = Annotated[str, typer.Argument(metavar="NAME", help=later("What the history calls them, such as lan.nguyen."))]
FullName = Annotated[str, typer.Option("--full-name", metavar="TEXT", help=later("Their name as people write it."))]


def register(app: typer.Typer) -> None:
    """Add the group `people`."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("add", help=_("Register somebody. From the first on, only who is registered may act."))(add)
    group.command("list", help=_("List who may act."))(list_people)
    group.command("show", help=_("Show somebody: roles, users of the system, keys."))(show)
    group.command("change", help=_("Change somebody's full name, roles or users."))(change)
    people_keys.register(group)
    app.add_typer(group, name="people")


@contextmanager
def changing(now: Settings, key: Path | None, passphrase_file: Path | None) -> Iterator[Register]:
    """Give the register to be changed by whoever calls, alone with it.

    Whoever can write the file may change it until somebody in it holds the permission. Raises Refused, InputError.
    """
    from sentinel.cli.acting import os_user, private_key
    from sentinel.people.acting import by_key, by_os
    from sentinel.people.writing import MAY_CHANGE, who_may_change
    from sentinel.people.writing import changing as changing_file

    proof = private_key(key, passphrase_file) if key else None  # asks on the terminal: not while others wait
    with changing_file(now.people) as found:
        if who_may_change(found.people):
            acting = by_key(found.people, proof) if proof else by_os(found.people, *os_user())
            acting.must(MAY_CHANGE)
        yield found


def put(now: Settings, lines: Sequence[Text | str]) -> None:
    """Write lines to standard output."""
    from sentinel.console import theme

    theme.put(theme.console_for(sys.stdout, now.color), *lines)


def width_of(now: Settings) -> int:
    """Give how wide standard output is."""
    from sentinel.console.theme import console_for

    return console_for(sys.stdout, now.color).width


def put_person(now: Settings, people: People, name: str, *, as_json: bool) -> None:
    """Show somebody, and whether everybody may still change the register."""
    from sentinel.console import people as views
    from sentinel.console.times import zone_named
    from sentinel.people.writing import who_may_change

    person = people.named(name)
    if as_json:
        asked.put_json(views.person_object(person))
        return
    put(now, [*views.person_lines(person, zone_named(now.timezone), width_of(now))])
    if not who_may_change(people):
        told = _("nobody is registered yet who may change this: whoever can write {path} may")
        put(now, ["", told.format(path=people.place)])


def add(
    ctx: typer.Context,
    name: Name,
    full_name: FullName = "",
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role", metavar="ROLE", help=_("analyst, pki-officer, approver, auditor or viewer; repeatable.")
        ),
    ] = None,
    os_user: Annotated[
        list[str] | None,
        typer.Option("--os-user", metavar="USER", help=_("A user of the system that they are; repeatable.")),
    ] = None,
    new_key: Annotated[
        Path | None,
        typer.Option("--new-key", metavar="FILE", help=_("Make a key of theirs too, as `people key new` does.")),
    ] = None,
    new_passphrase_file: NewPassphraseFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Register a person."""
    from sentinel.people.register import Person, name_of

    now = settings.load(ctx.obj)
    named = name_of(name, "NAME")
    users = tuple(dict.fromkeys(_text(user, "--os-user") for user in os_user or ()))
    person = Person(named, _text(full_name, "--full-name") if full_name else named, _roles(role, "--role"), users)
    made = people_keys.made(new_key, new_passphrase_file) if new_key else None
    with changing(now, key, passphrase_file) as found:
        found.add(person)
        if made:
            made.register(found, named)
    put_person(now, found.people, named, as_json=as_json)


def _roles(given: Sequence[str] | None, option: str) -> frozenset[Role]:
    from sentinel.people.register import role_of

    return frozenset(role_of(role, option) for role in given or ())


def _text(text: str, option: str) -> str:
    """Give a text in its final form. Raises InputError for what cannot be shown, or is empty."""
    from sentinel.people.register import nfc

    final = nfc(text)
    if not final or not final.isprintable():
        raise InputError(_("must be a text that can be shown"), place=option)
    return final


def list_people(ctx: typer.Context, as_json: Json = False) -> None:
    """List the people of the register."""
    from sentinel.console import people as views
    from sentinel.people.register import read

    now = settings.load(ctx.obj)
    people = read(now.people)
    if as_json:
        told = {"file": people.place, "absent": people.absent}
        asked.put_json({**told, "people": [*map(views.person_object, people.persons)]})
        return
    if people.absent:
        told_of = _("nobody is registered: every user of this machine acts as an analyst; {path} is not there")
        put(now, [told_of.format(path=people.place)])
        return
    if people.persons:
        put(now, [*views.people_table(people.persons, width_of(now)), ""])
    put(now, [people.place])


def show(ctx: typer.Context, name: Name, as_json: Json = False) -> None:
    """Show a person."""
    from sentinel.people.register import read

    now = settings.load(ctx.obj)
    put_person(now, read(now.people), name, as_json=as_json)


def change(
    ctx: typer.Context,
    name: Name,
    full_name: FullName = "",
    add_role: Annotated[
        list[str] | None, typer.Option("--add-role", metavar="ROLE", help=_("Give a role; repeatable."))
    ] = None,
    remove_role: Annotated[
        list[str] | None, typer.Option("--remove-role", metavar="ROLE", help=_("Take a role away; repeatable."))
    ] = None,
    add_os_user: Annotated[
        list[str] | None, typer.Option("--add-os-user", metavar="USER", help=_("They are this user, too; repeatable."))
    ] = None,
    remove_os_user: Annotated[
        list[str] | None,
        typer.Option("--remove-os-user", metavar="USER", help=_("They are this user no more; repeatable.")),
    ] = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Change what is known of a person."""
    now = settings.load(ctx.obj)
    if not (full_name or add_role or remove_role or add_os_user or remove_os_user):
        raise InputError(
            _("nothing is to be changed"), place=name, hint=_("see `{command} --help`").format(command=ctx.command_path)
        )
    more, fewer = _roles(add_role, "--add-role"), _roles(remove_role, "--remove-role")
    joining = [_text(user, "--add-os-user") for user in add_os_user or ()]
    leaving = [_text(user, "--remove-os-user") for user in remove_os_user or ()]
    with changing(now, key, passphrase_file) as found:
        person = found.people.named(name)
        _all_in(fewer, person.roles, "--remove-role")
        _all_in(leaving, person.os_users, "--remove-os-user")
        users = [user for user in dict.fromkeys((*person.os_users, *joining)) if user not in leaving]
        called = _text(full_name, "--full-name") if full_name else person.full_name
        found.change(person.name, called, (person.roles | more) - fewer, users)
    put_person(now, found.people, person.name, as_json=as_json)


def _all_in(given: Sequence[str] | frozenset[Role], there: Sequence[str] | frozenset[Role], option: str) -> None:
    """Raise InputError for what is to be taken away and is not there."""
    for each in given:
        if each not in there:
            raise InputError(_("there is no '{name}' to take away").format(name=each), place=option)
