"""`sentinel pki request|batch|table`: certificates are asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.pki import IssuerName, NewPassphraseFile, calling
from sentinel.cli.pki_asked import Asked, put_asked
from sentinel.cli.pki_paranoid import Paranoid, judging
from sentinel.cli.pki_telling import telling
from sentinel.errors import InputError
from sentinel.language import _, later, n_

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.cli.pki import Call
    from sentinel.pki.requests.batch import Batch
    from sentinel.pki.requests.check import Policy

Purpose = Annotated[str, typer.Option("--purpose", metavar="TEXT", help=later("What it is for; approvers read it."))]
_SECOND = 1_000_000_000
_AT_ONCE = 250


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
    paranoid: Paranoid = False,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Ask for one certificate."""
    from sentinel.people.register import nfc
    from sentinel.pki.requests import batch as batches
    from sentinel.pki.requests.batch import Taking
    from sentinel.pki.requests.table import Row

    cells = {
        "profile": profile, "agency": agency, "key": str(csr.absolute()), "names": " ".join(names or ()),
        "common_name": nfc(common_name), "validity": validity,
    }  # fmt: skip
    row = Row({name: value for name, value in cells.items() if value}, str(csr))
    with calling(ctx, key, passphrase_file) as call:
        policy = call.home.policy(call.now, call.by.name)
        taken = batches.of_rows([row], policy, Taking(Path.cwd(), name=str(call.moment)))
        made = _ask(call, policy, taken, issuer, purpose, paranoid=paranoid)
    return put_asked(call.now, made, {"asked_before": made.done}, as_json=as_json)


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
    paranoid: Paranoid = False,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Ask for many certificates at once."""
    from sentinel.pki.register.asking import known_keys
    from sentinel.pki.requests import batch as batches
    from sentinel.pki.requests.batch import Taking

    with calling(ctx, key, passphrase_file) as call:
        policy = call.home.policy(call.now, call.by.name)
        secret = _secret(new_keys or table, new_passphrase_file)
        with telling(call.now, _("lines checked")) as told:
            seen = count(1)
            taking = Taking(
                table.absolute().parent,
                done=known_keys(call.register),
                ask=secret if new_passphrase_file else None,
                after=lambda: told(next(seen)),
            )
            taken = batches.read(table, policy, taking)
        taken = _with_keys(call, taken, policy, new_keys, secret, dry_run=dry_run)
        made = _ask(call, policy, taken, issuer, purpose, paranoid=paranoid, dry_run=dry_run)
    return put_asked(call.now, made, {"asked_before": made.done}, as_json=as_json)


def _with_keys(  # what for, by which rules, where and how they are kept
    call: Call, taken: Batch, policy: Policy, folder: Path | None, secret: Callable[[], bytes], *, dry_run: bool
) -> Batch:
    """Make the keys that rows lack; a dry run makes none, and says where they would be needed."""
    from sentinel.console.numbers import number
    from sentinel.pki.requests import making

    lacking = sum(not each.public_key for each in taken.wanted)
    if dry_run:
        taken = making.with_stand_ins(taken, policy)
        if lacking and not folder:
            told = n_("{count} key is still to be made", "{count} keys are still to be made", lacking)
            note = InputError(told.format(count=number(lacking)), hint=_("say where they go: --new-keys FOLDER"))
            taken = replace(taken, warnings=(*taken.warnings, note))
    elif folder and lacking:
        with telling(call.now, _("keys made"), lacking) as progress:
            taken = making.with_keys(taken, policy, folder, secret, progress)
    return taken


def _secret(place: Path, path: Path | None) -> Callable[[], bytes]:
    """Give what asks for the passphrase of new keys, once."""
    from sentinel.cli.acting import new_passphrase

    return cache(lambda: new_passphrase(place, path))


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
    from sentinel.console.numbers import number
    from sentinel.console.output import replacing
    from sentinel.estate.load import folder_of, load
    from sentinel.pki.office.home import Home
    from sentinel.pki.requests import from_estate
    from sentinel.pki.requests import table as tables

    now = settings.load(ctx.obj)
    policy = Home(now.pki).policy(now, "")
    for each in profile:
        if each not in policy.profiles:
            hint = _("profiles: {names}").format(names=", ".join(policy.profiles))
            raise InputError(_("no profile is called '{name}'").format(name=each), place="--profile", hint=hint)
    chosen = [policy.profiles[each] for each in profile]
    rows = [*from_estate.rows_of(load(folder_of(now)), chosen, policy, requests)]
    with replacing(out) as stream:
        stream.write(tables.written(rows).encode())
    put(now, [_("{path}: {count} lines").format(path=out, count=number(len(rows)))])
    put(now, [_("Next: sentinel pki batch {path} --purpose TEXT --dry-run").format(path=out)])


def _ask(  # what is asked for by which rules, of whom, what for, and how it is judged
    call: Call,
    policy: Policy,
    taken: Batch,
    issuer: str,
    purpose: str,
    *,
    paranoid: bool,
    dry_run: bool = False,
) -> Asked:
    from sentinel.people.register import nfc
    from sentinel.pki.office.working import issuer_of, items_of
    from sentinel.pki.register.asking import ask
    from sentinel.pki.register.holding import holdings
    from sentinel.pki.requests.check import Findings

    findings = Findings([*taken.faults], [*taken.warnings])
    chosen = issuer_of(call.register, issuer, call.home.retired(call.moment))
    judge = judging(paranoid=paranoid)
    made, items, wanted, now = None, [], taken.wanted, call.moment // _SECOND
    with telling(call.now, _("certificates checked"), len(wanted)) as told:
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            held = holdings(call.register, [each.public_key for each in part], now)
            items += items_of(part, policy, chosen, now, findings, held=held, is_checked=True, judge=judge)
            told(start + len(part))
    # One that is wrong stops none but itself; a single one that is wrong leaves nothing to ask for.
    if items and not dry_run:
        made = ask(call.register, chosen.id, items, call.by, call.moment, nfc(purpose))
    return Asked(made, len(items), findings, len(taken.done))
