"""`sentinel pki audit prove|check`: proofs for whoever does not have the register, or does not trust its keeper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import proofs
from sentinel.cli.acting import PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.pki import reading
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.ledger.proofs import Inclusion


def register(audit: typer.Typer) -> None:
    """Add the commands to the group `audit`."""
    audit.command("prove", help=_("Write the proof that a certificate stands in the register, or that it only grew."))(
        prove
    )
    audit.command("check", help=_("Check such a proof, without the register; exit 1 where it does not hold."))(check)


def prove(
    ctx: typer.Context,
    checkpoint: proofs.CheckpointFile,
    out: proofs.Out,
    serial: Annotated[str, typer.Argument(metavar="[SERIAL]", help=_("The beginning of a serial number."))] = "",
    since: Annotated[
        Path | None,
        typer.Option("--since", metavar="FILE", help=_("That it only grew since the last checkpoint of this file.")),
    ] = None,
    key: proofs.HeadKey = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Write a proof."""
    from sentinel.pki.office import proving

    if bool(serial) == (since is not None):
        raise InputError(
            _("prove what? name a certificate, or earlier checkpoints"),
            hint=_("`prove SERIAL …` that it was issued, `prove --since FILE …` that the register only grew"),
        )
    with reading(ctx) as (now, home, opened):
        asked = proofs.Asked(now, opened.histories, home.folder, checkpoint, key, passphrase_file)
        if since is not None:
            proofs.prove_growth(asked, since, out, as_json=as_json)
            return
        row = opened.certificate(serial)
        head = asked.head()
        with asked.digests(head) as digests:
            made = proving.prove(opened, row, head, digests)
    number, size = made.index + 1, made.checkpoint.size
    text = _("{path}: entry {number} of {size}").format(path=out, number=number, size=size)
    facts = {"serial": row.serial.lower(), "entry": number}
    proofs.put_proof(now, made, out, text, facts, as_json=as_json)


def check(
    ctx: typer.Context,
    proof: proofs.ProofFile,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help=_("The certificate: PEM or DER."))
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option("--since", metavar="FILE", help=_("Earlier checkpoints of one's own, since which it only grew.")),
    ] = None,
    checkpoint: proofs.OwnCheckpoint = None,
    public_keys: proofs.PublicKeys = None,
    as_json: Json = False,
) -> int:
    """Check a proof."""
    from sentinel.ledger.proofs import Inclusion

    now = settings.load(ctx.obj)
    found = proofs.read_proof(proof)
    wanted, option = (certificate, "--certificate") if isinstance(found, Inclusion) else (since, "--since")
    if wanted is None:
        raise InputError(_("this proof is checked with {option} FILE").format(option=option), place=str(proof))
    if isinstance(found, Inclusion):
        return _check_certificate(now, found, wanted, checkpoint, public_keys or (), as_json=as_json)
    return proofs.check_growth(now, proof, wanted, checkpoint, public_keys or (), as_json=as_json)


def _check_certificate(
    now: settings.Settings,
    proof: Inclusion,
    certificate: Path,
    own: Path | None,
    public_keys: Sequence[Path],
    *,
    as_json: bool,
) -> int:
    from sentinel.pki.certificates.parse import parsed
    from sentinel.pki.office import proving

    said = parsed(proofs.content_of(certificate), str(certificate))
    signer_of = proofs.signers(now, public_keys)
    verdict = proofs.judged(proof, signer_of, own, lambda: proving.check(proof, said.der))
    head = proof.checkpoint
    text = _("it stands in the register {origin} as entry {number} of {size}, which {name} signed")
    holds = text.format(origin=head.origin, number=proof.index + 1, size=head.size, name=verdict.signer)
    facts = {"kind": proofs.kind_of(proof), "origin": head.origin, "entry": proof.index + 1, "size": head.size}
    return verdict.put(now, holds, facts, as_json=as_json)
