"""`sentinel ledger`: who did what, and the proof that nobody changed it since."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from sentinel import settings
from sentinel.cli import histories as shared
from sentinel.cli import proofs
from sentinel.cli.acting import PassphraseFile
from sentinel.cli.asked import Json
from sentinel.language import _


def register(app: typer.Typer) -> None:
    """Add the group `ledger`."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("verify", help=_("Check every entry; exit 5 where one is not as it was written."))(verify)
    group.command("checkpoint", help=_("Sign what there is now, into a file that lies elsewhere."))(checkpoint)
    group.command("log", help=_("List who did what, the newest first."))(log)
    group.command("prove", help=_("Write the proof that the ledger only grew since a checkpoint."))(prove)
    group.command("check", help=_("Check such a proof, without the ledger; exit 1 where it does not hold."))(check)
    app.add_typer(group, name="ledger")


def verify(ctx: typer.Context, checkpoints: shared.Checkpoints = None, as_json: Json = False) -> int:
    """Check the ledger."""
    from sentinel.cli.store import queue_fault
    from sentinel.ledger.faults import Fault
    from sentinel.store.histories import open_histories

    now = settings.load(ctx.obj)
    heads = [head for path in checkpoints or () for head in shared.read_checkpoints(path)]
    with closing(open_histories(now.store)) as histories:
        found = shared.examined(now, histories, heads)
    if not found.fault_count and (fault := queue_fault(now)):
        found = shared.with_faults(found, [Fault(fault.message)])
    return shared.put_verified(now, found, histories.origin, as_json=as_json)


def checkpoint(
    ctx: typer.Context,
    to: shared.To,
    key: shared.SigningKey,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Check the ledger against the file's earlier checkpoints, and add one."""
    from sentinel.store.histories import open_histories

    now = settings.load(ctx.obj)
    with closing(open_histories(now.store)) as histories:
        head, signer = shared.add_head(now, histories, now.store, to, key, passphrase_file)
    shared.put_head(now, head, signer, as_json=as_json)


def log(
    ctx: typer.Context,
    subject: Annotated[
        str, typer.Argument(metavar="[SUBJECT]", help=_("Only what was done to it: an alert's id, or its beginning."))
    ] = "",
    since: shared.SinceTime = None,
    actor: shared.Actor = "",
    limit: shared.Limit = 50,
    as_json: Json = False,
    ndjson: shared.Ndjson = False,
) -> None:
    """List entries with their acts."""
    from sentinel.store.histories import open_histories

    now = settings.load(ctx.obj)
    with closing(open_histories(now.store)) as histories:
        about = shared.beginning(subject)
        shared.put_log(now, histories, about, since, actor, limit, as_json=as_json, ndjson=ndjson)


def prove(
    ctx: typer.Context,
    since: proofs.Since,
    checkpoint: proofs.CheckpointFile,
    out: proofs.Out,
    key: proofs.HeadKey = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Write the proof that the ledger only grew."""
    from sentinel.store.histories import open_histories

    now = settings.load(ctx.obj)
    with closing(open_histories(now.store)) as histories:
        asked = proofs.Asked(now, histories, now.store, checkpoint, key, passphrase_file)
        proofs.prove_growth(asked, since, out, as_json=as_json)


def check(
    ctx: typer.Context,
    proof: proofs.ProofFile,
    since: proofs.Since,
    checkpoint: proofs.OwnCheckpoint = None,
    public_keys: proofs.PublicKeys = None,
    as_json: Json = False,
) -> int:
    """Check the proof that the ledger only grew."""
    now = settings.load(ctx.obj)
    return proofs.check_growth(now, proof, since, checkpoint, public_keys or (), as_json=as_json)
