"""`sentinel pki audit prove|check`: proofs of single certificates, for whoever does not have the register."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki import reading
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from sentinel.ledger.checkpoint import Checkpoint

CheckpointFile = Annotated[
    Path, typer.Option("--checkpoint", metavar="FILE", help=later("The file of checkpoints; the last one counts."))
]


def register(audit: typer.Typer) -> None:
    """Add the commands to the group `audit`."""
    audit.command("prove", help=_("Write the proof that a certificate stands in the register."))(prove)
    audit.command("check", help=_("Check such a proof, without the register; exit 1 where it does not hold."))(check)


def prove(
    ctx: typer.Context,
    serial: Annotated[str, typer.Argument(metavar="SERIAL", help=_("The beginning of a serial number."))],
    checkpoint: CheckpointFile,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=_("The proof: JSON."))],
) -> None:
    """Write a proof."""
    from sentinel.cli.people import put
    from sentinel.console.output import replacing
    from sentinel.pki.office import proving

    with reading(ctx) as (now, _home, opened):
        head = _last(checkpoint, opened.histories.origin)
        made = proving.prove(opened, opened.certificate(serial), head)
        with replacing(out) as stream:
            stream.write(proving.written(made))
        put(now, [_("{path}: entry {number} of {size}").format(path=out, number=made.number, size=made.size)])


def check(
    ctx: typer.Context,
    proof: Annotated[Path, typer.Argument(metavar="FILE", help=_("The proof."))],
    certificate: Annotated[Path, typer.Option("--certificate", metavar="FILE", help=_("The certificate: PEM or DER."))],
    checkpoint: CheckpointFile,
    as_json: Json = False,
) -> int:
    """Check a proof."""
    from sentinel.cli.people import put
    from sentinel.ledger.checkpoint import check_signed
    from sentinel.people.register import read
    from sentinel.pki.certificates.parse import parsed
    from sentinel.pki.office import proving

    now = settings.load(ctx.obj)
    found = proving.read(_content(proof), str(proof))
    head = _last(checkpoint, found.origin)
    said = parsed(_content(certificate), str(certificate))
    signer = check_signed(head, read(now.people).signers())
    fault = ""
    try:
        proving.check(found, said.der, head)
    except InputError as error:
        fault = error.message
    if as_json:
        told = {"holds": not fault, "problem": fault or None, "signed_by": signer.owner}
        asked.put_json(told | {"entry": found.number, "size": found.size, "origin": found.origin})
    elif fault:
        put(now, [fault])
    else:
        text = _("it stands in the register {origin} as entry {number} of {size}, which {name} signed")
        put(now, [text.format(origin=found.origin, number=found.number, size=found.size, name=signer.owner)])
    return ExitCode.FOUND if fault else ExitCode.DONE


def _last(path: Path, origin: str) -> Checkpoint:
    """Give the last checkpoint of a register in a file."""
    from sentinel.cli.ledger import read_checkpoints

    found = [each for each in read_checkpoints(path) if each.origin == origin]
    if not found:
        raise InputError(
            _("no checkpoint is one of this ledger, whose origin is '{origin}'").format(origin=origin), place=str(path)
        )
    return found[-1]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(_("cannot be read: {reason}").format(reason=error.strerror), place=str(path)) from None
