"""`sentinel pki list|show|expiring|profiles`: what was issued, to whom, why, and who approved it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.asked import Json
from sentinel.cli.pki import reading
from sentinel.cli.pki_asked import looked_at, notes_lines
from sentinel.cli.pki_choosing import ANY, Chosen, States
from sentinel.cli.wanted import filtered
from sentinel.language import _

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Register, Request, Row

_SECOND = 1_000_000_000


def register(group: typer.Typer) -> None:
    """Add the commands."""
    from sentinel.cli import pki_export  # which shares its options

    group.command("profiles", help=_("List the kinds of certificates that can be issued."))(profiles)
    group.command("list", help=_("List certificates, or with --requests what was asked for."))(filtered(list_all))
    group.command("show", help=_("Show a certificate or a request, and all that happened to it."))(show)
    group.command("expiring", help=_("Show in which weeks how many certificates end, and whose."))(expiring)
    pki_export.register(group)


def profiles(ctx: typer.Context, as_json: Json = False) -> None:
    """List profiles."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.pki.office.home import Home

    now = settings.load(ctx.obj)
    found = [*Home(now.pki).profiles(now).values()]
    if as_json:
        asked.put_json({"profiles": [*map(views.profile_object, found)]})
    else:
        put(now, views.profiles_table(found, width_of(now)))


def list_all(
    ctx: typer.Context,
    requests: Annotated[bool, typer.Option("--requests", help=_("What was asked for, the newest first."))] = False,
    states: States = None,
    chosen: Chosen = ANY,
    limit: Annotated[int, typer.Option("--limit", metavar="COUNT", help=_("How many at most."))] = 50,
    as_json: Json = False,
) -> None:
    """List certificates or requests."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.pki.office.reading import emergencies
    from sentinel.pki.register.finding import count, find

    asked.positive(limit, "--limit")
    with reading(ctx) as (now, _home, opened):
        zone = zone_named(now.timezone)
        if requests:
            found = opened.requests(limit=limit)
            loud = emergencies(opened, [each.number for each in found])
            if as_json:
                told = {"requests": [*map(views.request_object, found)], "emergencies": [f"r{each}" for each in loud]}
                asked.put_json(told)
            else:
                table = views.requests_table(found, zone, width_of(now), loud)
                put(now, table if found else [_("nothing was asked for yet")])
            return
        wanted = chosen.wanted(opened, states or ())
        rows, total = find(opened, wanted, limit), count(opened, wanted)
        loud = emergencies(opened, [row.request for row in rows])
        if as_json:
            told = {"total": total, "certificates": [*map(views.certificate_object, rows)]}
            asked.put_json(told | {"emergencies": [f"r{each}" for each in loud]})
            return
        table = views.certificates_table(rows, zone, width_of(now), loud)
        put(now, table if rows else [_("there is no such certificate")])
        if total > len(rows):
            put(now, [_("{shown} of {total}; --limit shows more").format(shown=len(rows), total=total)])


def show(
    ctx: typer.Context,
    id_: Annotated[
        str, typer.Argument(metavar="SERIAL|REQUEST", help=_("The beginning of a serial number, or a request: r12."))
    ],
    pem: Annotated[bool, typer.Option("--pem", help=_("Write the chain as PEM, and nothing else."))] = False,
    as_json: Json = False,
) -> None:
    """Show a certificate or a request."""
    from sentinel.cli.people import put
    from sentinel.pki.office.reading import chain_of

    with reading(ctx) as (now, home, opened):
        if id_.lower().startswith("r") and id_[1:].isdecimal():
            _show_request(now, home, opened, id_, as_json=as_json)
            return
        row = opened.certificate(id_)
        if pem:
            sys.stdout.write(chain_of(opened, row).decode())
            return
        _show_certificate(now, opened, row, as_json=as_json)
        if not as_json:
            put(now, [_("`sentinel pki show {id} --pem` gives the certificate").format(id=row.serial[:12].lower())])


def _show_request(now: settings.Settings, home: Home, opened: Register, id_: str, *, as_json: bool) -> None:
    from sentinel.cli.people import put, width_of
    from sentinel.console import ledger as told
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.pki.register.asking import approvals_of, items_of
    from sentinel.pki.register.file import REQUEST
    from sentinel.pki.register.finding import Wanted, find

    found, zone = opened.request(id_), zone_named(now.timezone)
    approvals, rows = approvals_of(opened, found), find(opened, Wanted(request=found.number), 20)
    items = items_of(opened, found, 20)
    history, notes = opened.history(f"{REQUEST}{found.number}"), looked_at(now, home, opened, found)
    if as_json:
        asked.put_json({
            "request": views.request_object(found),
            "approvals": [*map(views.approval_object, approvals)],
            "waiting": [" ".join(map(str, each.order.names)) or each.order.agency for each in items],
            "certificates": [*map(views.certificate_object, rows)],
            "notes": [*map(views.finding_object, notes)],
            "history": [*map(told.log_object, history)],
        })  # fmt: skip
        return
    put(now, [*views.asked_lines(found, items, zone, width_of(now)), *notes_lines(notes)])
    put(now, [views.approval_line(each, zone, _until(found)) for each in approvals])
    put(now, [*views.said_lines(history, zone, width_of(now))])
    put(now, views.certificates_table(rows, zone, width_of(now)) if rows else [])
    put(now, ["", *told.log_table(history, zone, width_of(now))])


def _until(found: Request) -> int:
    """Give the time that approvals had to hold for: now, where something is still to be issued."""
    from sentinel.pki.register.tables import State

    return time.time_ns() if found.state is State.APPROVED else 0


def _show_certificate(now: settings.Settings, opened: Register, row: Row, *, as_json: bool) -> None:
    from sentinel.cli.people import put, width_of
    from sentinel.console import ledger as told
    from sentinel.console import pki as views
    from sentinel.console.text import visible
    from sentinel.console.times import zone_named
    from sentinel.pki.register.asking import approvals_of
    from sentinel.pki.register.file import subject_of

    zone, request = zone_named(now.timezone), opened.request(f"r{row.request}")
    approvals = approvals_of(opened, request)
    history = opened.history(subject_of(row.issuer, bytes.fromhex(row.serial)))
    if as_json:
        der = opened.der(row.number)
        asked.put_json({
            "certificate": views.certificate_object(row) | _said(der),
            "request": views.request_object(request),
            "approvals": [*map(views.approval_object, approvals)],
            "history": [*map(told.log_object, history)],
        })  # fmt: skip
        return
    put(now, [*views.certificate_lines(row, _facts(opened.der(row.number), row, zone), width_of(now))])
    label = _("what for")
    put(now, [visible(f"{label}: {request.purpose}  ({request.requester}, {request.id})")])
    put(now, [views.approval_line(each, zone) for each in approvals])
    put(now, [*views.said_lines(history, zone, width_of(now))])
    put(now, ["", *told.log_table(history, zone, width_of(now))])


def _facts(der: bytes, row: Row, zone: ZoneInfo) -> list[tuple[str, str]]:
    from sentinel.console.times import shown
    from sentinel.pki.certificates.parse import parsed

    if not der:
        return [(_("names"), row.names)]
    said = parsed(der)
    begins, ends = (shown(at * _SECOND, zone) for at in (said.not_before, said.not_after))
    return [
        (_("subject"), said.subject),
        (_("issuer"), said.issuer),
        (_("names"), " ".join(map(str, said.names))),
        (_("valid"), f"{begins} – {ends}"),
        ("SHA-256", said.fingerprint),
    ]


def _said(der: bytes) -> dict[str, Any]:
    from sentinel.pki.certificates.parse import parsed
    from sentinel.pki.office.reading import pem_of

    if not der:
        return {"subject": None, "fingerprint": None, "pem": None}
    said = parsed(der)
    return {"subject": said.subject, "fingerprint": said.fingerprint, "pem": pem_of(der).decode()}


def expiring(
    ctx: typer.Context,
    weeks: Annotated[int, typer.Option("--weeks", metavar="COUNT", help=_("How many weeks ahead."))] = 26,
    as_json: Json = False,
) -> None:
    """Show when certificates end."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.pki.register.finding import weeks as counted

    asked.positive(weeks, "--weeks")
    with reading(ctx) as (now, _home, opened):
        found = counted(opened, time.time_ns() // _SECOND, weeks)
        if as_json:
            asked.put_json({"weeks": [*map(views.week_object, found)]})
        elif found:
            put(now, [*views.weeks_lines(found, zone_named(now.timezone), width_of(now))])
        else:
            put(now, [_("none ends in {count} weeks").format(count=weeks)])
