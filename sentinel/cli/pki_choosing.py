"""The options by which commands of `sentinel pki` choose certificates."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.pki import IssuerName
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.pki.register.file import Register, Row
    from sentinel.pki.register.finding import Wanted

Serials = Annotated[list[str] | None, typer.Argument(metavar="SERIAL", help=later("Beginnings of serial numbers."))]
AllMatching = Annotated[bool, typer.Option("--all-matching", help=later("All that the options choose."))]
Happened = Annotated[str, typer.Option("--text", metavar="TEXT", help=later("What happened; auditors read it."))]
States = Annotated[
    list[str] | None,
    typer.Option("--state", metavar="STATE", help=later("Only those that are issued, revoked, held …")),
]
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """The options that choose certificates, as they were given; see `sentinel.cli.wanted.filtered`."""

    issuer: IssuerName = ""
    profile: Annotated[str, typer.Option("--profile", metavar="ID", help=later("Only those of this profile."))] = ""
    agency: Annotated[
        str, typer.Option("--agency", metavar="CODE", help=later("Only those of an agency, and below it."))
    ] = ""
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help=later("Only those with this in a name."))] = ""
    ends_in: Annotated[
        str, typer.Option("--ends-in", metavar="SPAN", help=later("Only those that end within 30d."))
    ] = ""
    request: Annotated[str, typer.Option("--request", metavar="REQUEST", help=later("Only those of one request."))] = ""

    def wanted(self, register: Register, states: Sequence[str]) -> Wanted:
        """Give which certificates are wanted, of these states; raise InputError."""
        from sentinel.people.register import nfc
        from sentinel.pki.register.finding import Wanted
        from sentinel.pki.register.tables import State

        known = {state.word: state for state in State if State.INTENDED <= state <= State.GIVEN_UP}
        for word in states:
            if word not in known:
                told = _("'{word}' is no state of a certificate").format(word=word)
                raise InputError(told, place="--state", hint=", ".join(known))
        now = time.time_ns() // _SECOND
        return Wanted(
            states=frozenset(known[word] for word in states),
            issuer=self.issuer,
            profile=self.profile,
            agency=self.agency,
            name=nfc(self.name),
            request=register.request(self.request).number if self.request else None,
            ends_after=now if self.ends_in else None,
            ends_before=now + asked.duration(self.ends_in, "--ends-in") // _SECOND if self.ends_in else None,
        )

    def rows(self, register: Register, ids: Sequence[str] | None, states: Sequence[str]) -> list[Row]:
        """Give the certificates that are named by their serial numbers, else those that the options choose."""
        from sentinel.pki.register.finding import find

        if ids:
            named = (register.certificate(each) for each in ids)
            return [*{row.number: row for row in named}.values()]
        return find(register, self.wanted(register, states))


ANY = Chosen()
"""No options: every certificate."""


def check_choice(ids: Sequence[str] | None, *, all_matching: bool) -> None:
    """Raise InputError where certificates are neither named nor chosen, or both."""
    if bool(ids) == all_matching:
        raise InputError(_("name certificates, or choose them with options and --all-matching"))
