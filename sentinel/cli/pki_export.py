"""`sentinel pki export`: the register for auditors, as a table, as JSON or as a page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sentinel.cli import asked
from sentinel.cli.pki import IssuerName, reading
from sentinel.cli.pki_reading import Agency, EndsIn, NameOf, OfRequest, ProfileId, States, wanted_of
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.pki.register.file import Register, Row
    from sentinel.settings import Settings


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("export", help=_("Write the register for auditors: CSV, JSON or a page of HTML."))(export)


def export(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=_("A file; else standard output."))] = None,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help=_("csv, json or html."))] = "csv",
    states: States = None,
    issuer: IssuerName = "",
    profile: ProfileId = "",
    agency: Agency = "",
    name: NameOf = "",
    ends_in: EndsIn = "",
    request: OfRequest = "",
) -> None:
    """Write the register."""
    from contextlib import ExitStack

    from sentinel.pki.register.finding import find

    if form not in _FORMS:
        raise InputError(_("unknown format '{name}'").format(name=form), place="--format", hint=", ".join(_FORMS))
    with reading(ctx) as (now, _home, opened), ExitStack() as closing:
        wanted = wanted_of(opened, states or (), issuer, profile, agency, name, ends_in, request)
        _FORMS[form](asked.output(out, closing), find(opened, wanted), opened, now)


def _csv(stream: Any, rows: Sequence[Row], _opened: Register, _now: Settings) -> None:  # noqa: ANN401 - a stream of text
    import csv

    from sentinel.console import pki as views
    from sentinel.console.hits import cell

    writer = csv.writer(stream, lineterminator="\n")
    objects = [views.certificate_object(row) for row in rows]
    writer.writerow(_COLUMNS)
    for each in objects:
        each["names"] = " ".join(each["names"])
        writer.writerow([cell("" if each[column] is None else str(each[column])) for column in _COLUMNS])


def _html(stream: Any, rows: Sequence[Row], opened: Register, now: Settings) -> None:  # noqa: ANN401 - as above
    from sentinel.console.pki_page import register_page
    from sentinel.console.times import zone_named
    from sentinel.pki.register.asking import approvals_of

    found = [opened.request(f"r{number}") for number in sorted({row.request for row in rows})]
    requests = {each.number: (each, approvals_of(opened, each)) for each in found}
    stream.write(register_page(rows, requests, time.time_ns(), zone_named(now.timezone)))


def _json(stream: Any, rows: Sequence[Row], _opened: Register, _now: Settings) -> None:  # noqa: ANN401 - as above
    from sentinel.console import pki as views
    from sentinel.console.documents import as_json

    for row in rows:
        stream.write(as_json(views.certificate_object(row)).decode() + "\n")


_FORMS = {"csv": _csv, "json": _json, "html": _html}
_COLUMNS = (
    "serial", "issuer", "state", "reason", "changed", "profile", "agency", "common_name", "names", "not_before",
    "not_after", "request",
)  # fmt: skip
