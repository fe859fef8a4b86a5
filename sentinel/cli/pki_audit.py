"""`sentinel pki audit verify|checkpoint|log`: what was issued is proved, and that nobody changed it since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import histories as shared
from sentinel.cli import pki_proof
from sentinel.cli.acting import PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.pki import reading
from sentinel.errors import Damaged
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.pki.register.audit import Audit
    from sentinel.pki.register.file import Register
    from sentinel.settings import Settings


def register(group: typer.Typer) -> None:
    """Add the group `audit`."""
    audit = typer.Typer(help=_("Prove what was issued, and that nobody changed it."), rich_markup_mode=None)
    audit.command("verify", help=_("Check every entry, row and certificate; exit 5 where one is wrong."))(verify)
    audit.command("checkpoint", help=_("Sign what there is now, into a file that lies elsewhere."))(checkpoint)
    audit.command("log", help=_("List who did what, the newest first."))(log)
    pki_proof.register(audit)
    group.add_typer(audit, name="audit")


def verify(ctx: typer.Context, checkpoints: shared.Checkpoints = None, as_json: Json = False) -> int:
    """Check the register."""
    from sentinel.console.ledger import compared_line
    from sentinel.ledger.faults import Fault

    heads = [head for path in checkpoints or () for head in shared.read_checkpoints(path)]
    with reading(ctx) as (now, _home, opened):
        found = shared.examined(now, opened.histories, heads)
        compared = _compared(now, opened)
    faults = [Fault(what, subject=subject) for subject, what in compared.faults]
    found = shared.with_faults(found, faults, compared.fault_count)
    counts = {
        "authorities": compared.authorities,
        "requests": compared.requests,
        "certificates": compared.certificates,
    }
    more = [compared_line(**counts)]
    return shared.put_verified(now, found, opened.histories.origin, as_json=as_json, counts=counts, more=more)


def _compared(now: Settings, opened: Register) -> Audit:
    """Give what an audit of the tables found; where the file cannot be read on, that is one of its faults."""
    from sentinel.console.pki import comparing
    from sentinel.pki.register.audit import Audit, audit
    from sentinel.pki.status.crl import entry

    try:
        ((total,),) = opened.rows("select count(*) from certificate")
    except Damaged as error:
        found = Audit()
        found.add("", error.message)
        return found
    with shared.telling(now, total, comparing) as told:
        return audit(opened, entry, told)


def checkpoint(
    ctx: typer.Context,
    to: shared.To,
    key: shared.SigningKey,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Sign a checkpoint."""
    with reading(ctx) as (now, home, opened):
        head, signer = shared.add_head(now, opened.histories, home.folder, to, key, passphrase_file)
    shared.put_head(now, head, signer, as_json=as_json)


def log(
    ctx: typer.Context,
    subject: Annotated[
        str, typer.Argument(metavar="[SUBJECT]", help=_("Only what was done to it: r12, a serial …"))
    ] = "",
    since: shared.SinceTime = None,
    actor: shared.Actor = "",
    limit: shared.Limit = 50,
    as_json: Json = False,
    ndjson: shared.Ndjson = False,
) -> None:
    """List who did what."""
    with reading(ctx) as (now, _home, opened):
        about = _about(opened, subject)
        shared.put_log(now, opened.histories, about, since, actor, limit, as_json=as_json, ndjson=ndjson)


def _about(opened: Register, subject: str) -> Callable[[str], bool]:
    """Give what takes the subjects that a name means: one request, or what begins so. Raise InputError."""
    from sentinel.pki.register.file import REQUEST

    if subject[:1].lower() == "r" and subject[1:].isdecimal():
        return f"{REQUEST}{opened.request(subject).number}".__eq__
    return shared.beginning(subject)
