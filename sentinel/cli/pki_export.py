"""`sentinel pki export`: the register for auditors, as a table, as JSON or as a page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.pki import reading
from sentinel.cli.pki_choosing import ANY, Chosen, States
from sentinel.cli.wanted import filtered
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

    from sentinel.pki.register.accounts import Account
    from sentinel.settings import Settings


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("export", help=_("Write the register for auditors: CSV, JSON or a page of HTML."))(filtered(export))


def export(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=_("A file; else standard output."))] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="FORM", help=_("csv, json (a line for each certificate) or html."))
    ] = "csv",
    states: States = None,
    chosen: Chosen = ANY,
) -> None:
    """Write the register."""
    from contextlib import ExitStack

    from sentinel.cli.histories import telling
    from sentinel.console.pki import comparing
    from sentinel.pki.register.accounts import accounts
    from sentinel.pki.register.finding import count

    if form not in _FORMS:
        raise InputError(_("unknown format '{name}'").format(name=form), place="--format", hint=", ".join(_FORMS))
    with reading(ctx) as (now, _home, opened), ExitStack() as closing:
        wanted = chosen.wanted(opened, states or ())
        closing.enter_context(opened.histories.reading())
        told = closing.enter_context(telling(now, count(opened, wanted), comparing))
        every = _telling(accounts(opened, wanted), told)
        _FORMS[form](asked.output(out, closing), every, opened.histories.origin, now)


def _telling(every: Iterable[Account], told: Callable[[int], None]) -> Iterator[Account]:
    for number, each in enumerate(every, 1):
        if not number % _STEP:
            told(number)
        yield each


def _csv(stream: TextIO, told: Iterable[Account], origin: str, _now: Settings) -> None:
    import csv

    from sentinel.console.hits import cell
    from sentinel.console.pki_page import account_object

    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for each in told:
        line = account_object(each, origin)
        line["names"] = tuple(line["names"])
        given = line["approvals"]
        line["approved_by"] = tuple(approval["approver"] for approval in given)
        line["approved_at"] = tuple(approval["at"] for approval in given)
        line["emergency"] = "; ".join(approval["reason"] or "" for approval in given if approval["emergency"])
        writer.writerow([cell(line[column]) for column in _COLUMNS])


def _html(stream: TextIO, told: Iterable[Account], origin: str, now: Settings) -> None:
    from sentinel.console.pki_page import register_page
    from sentinel.console.times import zone_named

    stream.write(register_page(told, origin, time.time_ns(), zone_named(now.timezone)))


def _json(stream: TextIO, told: Iterable[Account], origin: str, _now: Settings) -> None:
    from sentinel.console.documents import as_json
    from sentinel.console.pki_page import account_object

    stream.writelines(as_json(account_object(each, origin)).decode() + "\n" for each in told)


_STEP = 500
_FORMS = {"csv": _csv, "json": _json, "html": _html}
_COLUMNS = (
    "serial", "issuer", "state", "reason", "text", "changed", "changed_by", "profile", "agency", "common_name", "names",
    "not_before", "not_after", "request", "requester", "requested_at", "purpose", "approved_by", "approved_at",
    "emergency", "grant", "sha256", "ledger", "entry",
)  # fmt: skip
