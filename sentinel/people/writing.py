"""The register written: comments stay, nothing is lost.

Whoever changes people.toml holds its lock from reading to writing, and the new file takes the old one's place as a
whole. What a person wrote in it by hand (comments, order, blank lines) stays as it is.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.people.register import People, parse, text_of
from sentinel.people.roles import PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from tomlkit.items import AoT, Table

    from sentinel.crypto.keys import PublicKey
    from sentinel.ledger.base import Signer
    from sentinel.people.register import Person
    from sentinel.people.roles import Role

MAY_CHANGE: Final = "people.change"
_SECOND: Final = 1_000_000_000
_MODE: Final = 0o644


def who_may_change(people: People) -> list[Person]:
    """Give those who may change a register and can prove who they are: by a user of the system, or a key in use."""
    return [
        person
        for person in people.who_may(MAY_CHANGE)
        if person.os_users or any(key.retired is None for key in person.keys)
    ]


@contextmanager
def changing(path: Path) -> Iterator[Register]:
    """Give a register to be changed, alone with it; it is written at the end, unless something is raised.

    Raises InputError where it cannot be read or written, or is wrong already.
    """
    with _locked(path):
        text = text_of(path)
        register = Register(text or "", str(path), absent=text is None)
        yield register
        if register.text != (text or ""):
            _replace(path, register.text.encode())


class Register:
    """The text of a register, and its `people`, which are those of the text after each change.

    A change that would leave nobody who may change the register, where there was somebody, raises Refused.
    """

    def __init__(self, text: str, place: str, *, absent: bool = False) -> None:
        self.text, self._place = text, place
        self.people = People(place, absent=True) if absent else parse(text, place)

    def add(self, person: Person) -> None:
        """Add a person, without keys. Raises InputError where the name, or a user of the system, is there already."""
        if any(person.name.casefold() == other.name.casefold() for other in self.people.persons):
            raise InputError(
                _("there is somebody of this name, and a name is never given to another"),
                place=person.name,
                hint=_("`sentinel people change {name}` changes what is known of them").format(name=person.name),
            )
        self._check_users(person.os_users, person)

        def edit(document: Any) -> None:  # noqa: ANN401 - tomlkit's documents are dictionaries of anything
            import tomlkit

            table = tomlkit.table()
            table.update({"name": person.name, "full_name": person.full_name, "roles": sorted(person.roles)})
            table["os_users"] = list(person.os_users)
            _append(document, "person", table, self._place)

        self._edit(edit)

    def change(self, name: str, full_name: str, roles: Collection[Role], os_users: Collection[str]) -> None:
        """Say anew who somebody is. Raises InputError where there is nobody of the name, or the users are others'."""
        person = self.people.named(name)
        self._check_users(os_users, person)
        was: dict[str, Any] = {"full_name": person.full_name, "roles": sorted(person.roles)}
        was["os_users"] = sorted(person.os_users)
        becomes = {"full_name": full_name, "roles": sorted(roles), "os_users": sorted(os_users)}

        def edit(document: Any) -> None:  # noqa: ANN401 - as above
            self._table(document, person).update({key: new for key, new in becomes.items() if was[key] != new})

        self._edit(edit)

    def add_key(self, name: str, key: PublicKey, at: int) -> None:
        """Register somebody's key, from a moment on (nanoseconds since 1970, UTC; the second that it lies in).

        Raises InputError where there is nobody of the name, or the key is registered already.
        """
        person = self.people.named(name)
        signer = self.people.signers().get(key.fingerprint)
        if signer is not None:
            raise InputError(
                _("this key is registered already, for {name}").format(name=signer.owner), place=key.fingerprint
            )

        def edit(document: Any) -> None:  # noqa: ANN401 - as above
            import tomlkit

            table = tomlkit.table()
            table["public"] = tomlkit.string(key.pem(), multiline=True)
            table["added"] = datetime.fromtimestamp(at // _SECOND, UTC)
            _append(self._table(document, person), "key", table, self._place)

        self._edit(edit)

    def retire(self, name: str, beginning: str, at: int) -> Signer:
        """Retire somebody's key, named by how its fingerprint begins, and give it; what it signed before counts.

        Raises InputError where the name or key is not there, or the key is retired already.
        """
        person = self.people.named(name)
        number = _key_of(person, beginning)

        def edit(document: Any) -> None:  # noqa: ANN401 - as above
            # The next full second: what was signed in this one counts.
            end = datetime.fromtimestamp(-(-at // _SECOND), UTC)
            _tables(self._table(document, person), "key", self._place)[number]["retired"] = end

        self._edit(edit)
        return self.people.named(name).keys[number]

    def _check_users(self, os_users: Collection[str], person: Person) -> None:
        for user in os_users:
            other = self.people.of_os_user(user)
            if other is not None and other.name != person.name:
                raise InputError(_("the user '{user}' is {name}").format(user=user, name=other.name), place=person.name)

    def _table(self, document: Any, person: Person) -> Table:  # noqa: ANN401 - as above
        return _tables(document, "person", self._place)[self.people.persons.index(person)]

    def _edit(self, edit: Callable[[Any], None]) -> None:
        """Change the text; what comes of it must be a register again."""
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        try:
            document = tomlkit.parse(self.text)
            edit(document)
            text = tomlkit.dumps(document)
        except TOMLKitError as error:
            raise InputError(_("cannot be changed: {reason}").format(reason=error), place=self._place) from None
        people = parse(text, self._place)
        if who_may_change(self.people) and not who_may_change(people):
            raise Refused(
                _("nobody would be left who may change who may act"),
                place=self._place,
                hint=_("first give somebody else the role {role}").format(role=PERMISSIONS[MAY_CHANGE].roles[0]),
            )
        self.text, self.people = text, people


def _key_of(person: Person, beginning: str) -> int:
    """Give the place of the one key in use whose fingerprint begins so, with `SHA256:` or without it."""
    fitting = [
        (number, key)
        for number, key in enumerate(person.keys)
        if key.key.fingerprint.removeprefix("SHA256:").startswith(beginning.strip().removeprefix("SHA256:"))
    ]
    if len(fitting) != 1:
        told = _("several keys of {name} begin so") if fitting else _("{name} has no key that begins so")
        raise InputError(
            told.format(name=person.name),
            place=beginning,
            hint=_("`sentinel people show {name}` shows the keys").format(name=person.name),
        )
    ((number, key),) = fitting
    if key.retired is not None:
        raise InputError(_("this key is retired already"), place=key.key.fingerprint)
    return number


def _append(parent: Any, name: str, table: Table, place: str) -> None:  # noqa: ANN401 - as above
    import tomlkit

    if not parent.get(name):
        parent.pop(name, None)
        parent.append(name, tomlkit.aot())
    tables = _tables(parent, name, place)
    table.trivia.indent = "\n"  # an empty line before it
    tables.append(table)


def _tables(parent: Any, name: str, place: str) -> AoT:  # noqa: ANN401 - as above
    """Give the tables under [[name]]."""
    from tomlkit.items import AoT

    found = parent[name]
    if not isinstance(found, AoT):
        raise InputError(
            _("'{name}' is a list in one line, which cannot be changed from here").format(name=name),
            place=place,
            hint=_("write each under a line of its own: [[person]], and its keys under [[person.key]]"),
        )
    return found


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which is another file beside it: the file itself is replaced."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, content: bytes) -> None:
    """Let a file appear whole, with the rights of the one that it takes the place of; a link stays one."""
    try:
        target = path.resolve()
        beside = target.with_name(f".{target.name}.{os.getpid()}.new")
        mode = target.stat().st_mode & 0o777 if target.exists() else _MODE
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        beside.replace(target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(_("cannot be written: {reason}").format(reason=error.strerror or error), place=str(path))
