"""`sentinel pki request|batch|table`: certificates are asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki import IssuerName, NewPassphraseFile, calling
from sentinel.cli.pki_telling import telling
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentinel.cli.pki import Call
    from sentinel.pki.register.file import Request
    from sentinel.pki.requests.check import Findings, Policy
    from sentinel.pki.requests.wanted import Wanted
    from sentinel.settings import Settings

Purpose = Annotated[str, typer.Option("--purpose", metavar="TEXT", help=later("What it is for; approvers read it."))]
_SECOND = 1_000_000_000


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("request", help=_("Ask for one certificate."))(request)
    group.command("batch", help=_("Ask for many certificates, by a table of CSV."))(batch)
    group.command("table", help=_("Write the table of a batch from the estate, to be looked through."))(table)


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

    with calling(ctx, key, passphrase_file) as call, telling(call.now, _("lines checked")) as told:
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

    chosen = issuer_of(call.register, issuer, call.home.retired(call.moment))
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
