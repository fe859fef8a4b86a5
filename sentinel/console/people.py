"""People and their keys as tables, and as other programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from sentinel.console.numbers import number
from sentinel.console.tables import EXTRA, Column, table, wrapped
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, HEAD
from sentinel.console.times import iso, shown
from sentinel.language import _
from sentinel.people.roles import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.ledger.base import Signer
    from sentinel.people.register import Person


def people_table(persons: Sequence[Person], width: int) -> list[Text]:
    """Give the lines of the table of people; keys that are retired are not counted."""
    in_use = [sum(key.retired is None for key in person.keys) for person in persons]
    columns = [
        Column(_("name"), [person.name for person in persons], least=12),
        Column(_("full name"), [person.full_name for person in persons], rank=1, least=12),
        Column(_("roles"), [" ".join(sorted(person.roles)) for person in persons], least=10),
        Column(_("users"), [" ".join(person.os_users) for person in persons], rank=2, least=8),
        Column(_("keys"), [number(count) for count in in_use], rank=3, right=True),
    ]
    return table(columns, width)


def keys_table(keys: Sequence[Signer], zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of the table of keys."""
    columns = [
        Column(_("owner"), [signer.owner for signer in keys], least=12),
        Column(_("fingerprint"), [signer.key.fingerprint for signer in keys]),
        Column(_("kind"), [signer.key.kind for signer in keys], rank=EXTRA),
        Column(_("added"), [shown(signer.added, zone) for signer in keys], rank=2),
        Column(
            _("retired"),
            [shown(signer.retired, zone) if signer.retired is not None else "" for signer in keys],
            rank=1,
            style=FAINT,
        ),
    ]
    return table(columns, width)


def person_lines(person: Person, zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give a person whole, with what their roles mean."""
    yield Text.assemble((visible(person.name), HEAD), "  ", visible(person.full_name))
    roles = "; ".join(f"{role} ({_(MEANINGS[role])})" for role in sorted(person.roles))
    for label, text in ((_("roles"), roles), (_("users"), " ".join(person.os_users))):
        yield from wrapped(Text.assemble((f"{label}: ", HEAD), visible(text or "–")), width)
    if person.keys:
        yield Text("")
        yield from keys_table(person.keys, zone, width)


def key_object(signer: Signer) -> dict[str, Any]:
    """Give a key as programs read it; times as RFC 3339 in UTC."""
    return {
        "owner": signer.owner,
        "fingerprint": signer.key.fingerprint,
        "kind": signer.key.kind,
        "added": iso(signer.added),
        "retired": iso(signer.retired),
        "public": signer.key.pem(),
    }


def person_object(person: Person) -> dict[str, Any]:
    """Give a person as programs read it."""
    return {
        "name": person.name,
        "full_name": person.full_name,
        "roles": sorted(person.roles),
        "os_users": list(person.os_users),
        "keys": [key_object(signer) for signer in person.keys],
    }
