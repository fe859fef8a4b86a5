"""`sentinel pki request|batch|approve|reject|issue`: from a wish to a certificate."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki import IssuerName, SignerFile, calling, passphrase, reading, unlocking
from sentinel.errors import InputError, Refused
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.cli.pki import Call
    from sentinel.pki.register.file import Request, Row
    from sentinel.pki.requests.check import Findings, Policy
    from sentinel.pki.requests.wanted import Wanted
    from sentinel.settings import Settings

Purpose = Annotated[str, typer.Option("--purpose", metavar="TEXT", help=later("What it is for; approvers read it."))]
NewPassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--new-passphrase-file", metavar="FILE", help=later("The passphrase of keys that are made is its first line.")
    ),
]
RequestId = Annotated[str, typer.Argument(metavar="REQUEST", help=later("What the request is called, such as r12."))]
_SECOND = 1_000_000_000
SHOWN = 20


class NeedsApproval(Refused):
    """What nobody has approved, or not in time."""

    exit_code = ExitCode.NEEDS_APPROVAL


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("request", help=_("Ask for one certificate."))(request)
    group.command("batch", help=_("Ask for many certificates, by a table of CSV."))(batch)
    group.command("table", help=_("Write the table of a batch from the estate, to be looked through."))(table)
    group.command("approve", help=_("Approve a request with your key; whoever asked may not."))(approve)
    group.command("reject", help=_("Refuse a request, or take your own back."))(reject)
    group.command("issue", help=_("Issue what was approved."))(issue)


def request(
    ctx: typer.Context,
    agency: Annotated[str, typer.Option("--agency", metavar="CODE", help=_("The identifier code of whom it is for."))],
    purpose: Purpose,
    csr: Annotated[Path, typer.Option("--csr", metavar="FILE", help=_("The request (PKCS#10) that proves the key."))],
    profile: Annotated[
        str, typer.Option("--profile", metavar="ID", help=_("The kind; `sentinel pki profiles` lists them."))
    ] = "tls-server",
    names: Annotated[
        list[str] | None, typer.Option("--names", metavar="NAME", help=_("A name; else those of the CSR. Repeatable."))
    ] = None,
    common_name: Annotated[
        str, typer.Option("--common-name", metavar="TEXT", help=_("The name of a person or device."))
    ] = "",
    validity: Annotated[str, typer.Option("--validity", metavar="DAYS", help=_("For how many days."))] = "",
    issuer: IssuerName = "",
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Ask for one certificate."""
    from sentinel.pki.requests import batch as batches
    from sentinel.pki.requests.batch import Taking
    from sentinel.pki.requests.table import Row

    cells = {
        "profile": profile, "agency": agency, "key": str(csr.absolute()), "names": " ".join(names or ()),
        "common_name": common_name, "validity": validity,
    }  # fmt: skip
    row = Row({name: value for name, value in cells.items() if value}, str(csr))
    with calling(ctx, key, passphrase_file) as call:
        policy = call.home.policy(call.now, call.by.name)
        taken = batches.of_rows([row], policy, Taking(Path.cwd(), name=str(call.moment)))
        findings = _findings(taken.faults, taken.warnings)
        return _ask(call, policy, taken.wanted, issuer, purpose, findings, dry_run=False, as_json=as_json)


def batch(
    ctx: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="FILE", help=_("The table: a line for each certificate."))],
    purpose: Purpose,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Check every line, and ask for nothing."))] = False,
    new_keys: Annotated[
        Path | None,
        typer.Option("--new-keys", metavar="FOLDER", help=_("Where keys go that lines ask to be made (PKCS#12).")),
    ] = None,
    new_passphrase_file: NewPassphraseFile = None,
    issuer: IssuerName = "",
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Ask for many certificates at once."""
    from itertools import count

    from sentinel.pki.register.asking import known_keys
    from sentinel.pki.requests import batch as batches
    from sentinel.pki.requests.batch import Taking

    with calling(ctx, key, passphrase_file) as call, _telling(call.now, _("lines checked")) as told:
        policy = call.home.policy(call.now, call.by.name)
        seen, known = count(1), known_keys(call.register)
        taken = batches.read(table, policy, Taking(table.absolute().parent, done=known, after=lambda: told(next(seen))))
        if new_keys and not dry_run:
            taken = batches.with_keys(taken, policy, new_keys, _secret(new_keys, new_passphrase_file))
        findings = _findings(taken.faults, taken.warnings)
        if taken.done and not taken.wanted and not taken.faults:
            _put_done(call.now, len(taken.done), as_json=as_json)
            return ExitCode.DONE
        return _ask(call, policy, taken.wanted, issuer, purpose, findings, dry_run=dry_run, as_json=as_json)


def _secret(place: Path, path: Path | None) -> Callable[[], bytes]:
    """Give what asks for the passphrase of new keys, once."""
    from sentinel.cli.acting import new_passphrase

    return cache(lambda: new_passphrase(place, path))


def _put_done(now: Settings, count: int, *, as_json: bool) -> None:
    from sentinel.cli.people import put

    if as_json:
        asked.put_json({"request": None, "certificates": 0, "faults": [], "warnings": [], "asked_before": count})
    else:
        put(now, [_("all {count} were asked for before").format(count=count)])


def table(
    ctx: typer.Context,
    profile: Annotated[
        list[str], typer.Option("--profile", metavar="ID", help=_("A kind of certificate; repeatable."))
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=_("The table to be looked through: CSV."))],
    requests: Annotated[
        Path | None,
        typer.Option("--requests", metavar="FOLDER", help=_("Where CSRs lie: <code>-<profile>.csr or <code>.csr.")),
    ] = None,
) -> None:
    """Write the table of a batch from the estate."""
    from sentinel import settings
    from sentinel.cli.people import put
    from sentinel.console.output import replacing
    from sentinel.estate.load import folder_of, load
    from sentinel.pki.office.home import Home
    from sentinel.pki.requests import batch as batches
    from sentinel.pki.requests import table as tables

    now = settings.load(ctx.obj)
    policy = Home(now.pki).policy(now, "")
    for each in profile:
        if each not in policy.profiles:
            hint = _("profiles: {names}").format(names=", ".join(policy.profiles))
            raise InputError(_("no profile is called '{name}'").format(name=each), place="--profile", hint=hint)
    rows = [*batches.of_estate(load(folder_of(now)), [policy.profiles[each] for each in profile], policy, requests)]
    with replacing(out) as stream:
        stream.write(tables.written(rows).encode())
    put(now, [_("{path}: {count} lines").format(path=out, count=len(rows))])


def _findings(faults: Sequence[object], warnings: Sequence[object]) -> Findings:
    from sentinel.pki.requests.check import Findings

    return Findings([*faults], [*warnings])  # type: ignore[list-item]  # what batches give


def _ask(  # what is asked for, of whom, and how it is told
    call: Call,
    policy: Policy,
    wanted: Sequence[Wanted],
    issuer: str,
    purpose: str,
    findings: Findings,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    from sentinel.people.register import nfc
    from sentinel.pki.office.working import issuer_of, items_of
    from sentinel.pki.register.asking import ask

    chosen = issuer_of(call.register, issuer)
    items = items_of(wanted, policy, chosen, call.moment // _SECOND, findings, is_checked=True)
    made = None
    # One that is wrong stops none but itself; a single one that is wrong leaves nothing to ask for.
    if items and not dry_run:
        made = ask(call.register, chosen.id, items, call.by, call.moment, nfc(purpose))
    _put_asked(call.now, made, len(items), findings, as_json=as_json)
    if not items:
        return ExitCode.WRONG
    return ExitCode.PARTLY if findings.faults else ExitCode.DONE


def _put_asked(now: Settings, made: Request | None, count: int, findings: Findings, *, as_json: bool) -> None:
    from sentinel.cli.people import put
    from sentinel.console import pki as views
    from sentinel.console.text import visible

    if as_json:
        told = {"request": views.request_object(made) if made else None, "certificates": count}
        found = {"faults": findings.faults, "warnings": findings.warnings}
        asked.put_json(told | {name: [*map(views.finding_object, each)] for name, each in found.items()})
        return
    put(now, [*views.findings_lines(findings.faults, findings.warnings)])
    if made:
        text = _("{id}: {count} to be issued, once somebody else approves").format(id=made.id, count=made.count)
        put(now, [visible(text), _("Next: sentinel pki approve {id} --key FILE").format(id=made.id)])
    else:
        put(now, [_("{count} could be asked for; nothing was").format(count=count)])


def approve(
    ctx: typer.Context,
    id_: RequestId,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help=_("Your private key, which signs the approval."))],
    lasts: Annotated[str, typer.Option("--lasts", metavar="SPAN", help=_("How long the approval holds."))] = "7d",
    emergency: Annotated[
        bool, typer.Option("--emergency", help=_("Approve your own request: for an hour, with a reason, and loudly."))
    ] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why, in an emergency."))] = "",
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Approve a request."""
    from sentinel.cli.people import put
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.people.register import nfc
    from sentinel.pki.office.working import approval_of
    from sentinel.pki.office.working import approve as approved

    span = asked.duration(lasts, "--lasts")
    if not as_json:
        _show_what(ctx, id_)  # before the passphrase is asked for
    with calling(ctx, key, passphrase_file) as call:
        found = call.register.request(id_)
        made = approval_of(
            found, call.by, call.people, call.moment, lasts=span, emergency=emergency, reason=nfc(reason)
        )
        found = approved(call.register, found, made, call.by, call.people, call.moment)
        if as_json:
            asked.put_json({"request": views.request_object(found), "approval": views.approval_object(made)})
            return
        put(call.now, [views.approval_line(made, zone_named(call.now.timezone))])
        put(call.now, [_("Next: sentinel pki issue {id}").format(id=found.id)])


def _show_what(ctx: typer.Context, id_: str) -> None:
    """Show what an approval would be of: who asks, what for, and for which names."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.pki.register.asking import items_of

    with reading(ctx) as (now, _home, opened):
        found = opened.request(id_)
        items, zone = items_of(opened, found, SHOWN), zone_named(now.timezone)
        put(now, [*views.asked_lines(found, items, zone, width_of(now))])


def reject(
    ctx: typer.Context,
    id_: RequestId,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why; whoever asked reads it."))],
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Refuse a request."""
    from sentinel.cli.people import put
    from sentinel.console import pki as views
    from sentinel.people.register import nfc
    from sentinel.pki.register.asking import reject as rejected

    with calling(ctx, key, passphrase_file) as call:
        found = rejected(call.register, call.register.request(id_), call.by, call.moment, nfc(reason))
        if as_json:
            asked.put_json({"request": views.request_object(found)})
        else:
            put(call.now, [f"{found.id}: {views.state(found.state)}"])


def issue(
    ctx: typer.Context,
    id_: RequestId,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="PATH", help=_("Write the chain as PEM: a file for one certificate, a folder for many.")
        ),
    ] = None,
    signer_passphrase_file: SignerFile = None,
    new_passphrase_file: NewPassphraseFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Issue what was approved."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.pki.office import working
    from sentinel.pki.office.reading import complete_keys
    from sentinel.pki.register.finding import Wanted, find
    from sentinel.pki.register.issuing import Came
    from sentinel.pki.register.tables import State

    with calling(ctx, key, passphrase_file) as call:
        found = call.register.request(id_)
        came = Came(0)
        if found.state is not State.DONE or not (out or new_passphrase_file):  # files may be written again
            _must_be_to_issue(call, found)
            with _telling(call.now, _("certificates issued"), found.count) as told:
                unlock = unlocking(signer_passphrase_file)
                came = working.issue(
                    call.home, call.register, found, call.by, call.now.people, unlock, time.time_ns, told=told
                )
        rows = find(call.register, Wanted(request=found.number))
        written = _write(call, [row.number for row in rows if call.register.der(row.number)], out) if out else []
        ask = cache(lambda: _of_keys(new_passphrase_file))
        written += complete_keys(call.register, rows, ask)
        if as_json:
            asked.put_json({
                "request": views.request_object(call.register.request(id_)),
                "issued": came.issued,
                "given_up": came.given_up,
                "certificates": [*map(views.certificate_object, rows)],
                "files": [*map(str, written)],
            })  # fmt: skip
        else:
            put(call.now, views.certificates_table(rows[:20], zone_named(call.now.timezone), width_of(call.now)))
            put(call.now, [*map(str, written[:20])] or [*_where(rows)])
        return ExitCode.PARTLY if came.given_up else ExitCode.DONE


def _of_keys(path: Path | None) -> bytes:
    return passphrase(path, _("Passphrase of the keys that were made"))


def _where(rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        yield _("`sentinel pki show {id} --pem` gives the certificate").format(id=rows[0].serial[:12].lower())


def _must_be_to_issue(call: Call, found: Request) -> None:
    """Raise where a request is not to be issued, before anybody is asked for a passphrase or a row is written."""
    from sentinel.console import pki as views
    from sentinel.console.times import shown, zone_named
    from sentinel.pki.register.asking import approvals_of
    from sentinel.pki.register.tables import State

    if found.state is State.WAITING:
        raise NeedsApproval(
            _("it waits for approval"),
            place=found.id,
            hint=_("somebody other than {name} calls: sentinel pki approve {id} --key FILE").format(
                name=found.requester, id=found.id
            ),
        )
    if found.state is not State.APPROVED:
        told = _("it is not to be issued: {state}").format(state=views.state(found.state))
        raise InputError(told, place=found.id, hint=_("`sentinel pki show {id}` says more").format(id=found.id))
    ends = max((each.expires for each in approvals_of(call.register, found)), default=0)
    # What was begun is gone on with: the signer knows what it signed while the approval held.
    if ends <= call.moment and found.left == found.count:
        told = _("its approval has ended, {time}").format(time=shown(ends, zone_named(call.now.timezone)))
        raise NeedsApproval(told, place=found.id, hint=_("ask for it anew: sentinel pki request"))


def _write(call: Call, numbers: Sequence[int], out: Path) -> list[Path]:
    """Write chains as PEM; a folder gets a file for each, named by its serial number."""
    from sentinel.console.output import replacing
    from sentinel.pki.office.reading import chain_of

    written: list[Path] = []
    one = len(numbers) == 1 and not out.is_dir()
    if not one:
        out.mkdir(parents=True, exist_ok=True)
    for row in call.register.find(f"certificate.number in ({', '.join(map(str, numbers))})"):
        path = out if one else out / f"{row.serial.lower()}.pem"
        with replacing(path) as stream:
            stream.write(chain_of(call.register, row))
        written.append(path)
    return written


@contextmanager
def _telling(now: Settings, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Give what tells on the terminal how far it has come."""
    import sys

    from sentinel.console.numbers import number
    from sentinel.console.progress import ProgressLine
    from sentinel.console.theme import console_for

    line = ProgressLine(console_for(sys.stderr, now.color) if sys.stderr.isatty() else None, total)
    try:
        yield lambda done: line.tell(done, lambda _gone, _left: f"{what}: {number(done)}")
    finally:
        line.close()
