"""Proofs as files, written and checked: what the commands of both ledgers share."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sentinel.cli import asked, histories
from sentinel.cli.exits import ExitCode
from sentinel.errors import Damaged, InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentinel.crypto.keys import PublicKey
    from sentinel.ledger.checkpoint import Checkpoint
    from sentinel.ledger.proofs import Consistency, Proof
    from sentinel.settings import Settings
    from sentinel.store.histories import Histories

ProofFile = Annotated[Path, typer.Argument(metavar="FILE", help=later("The proof."))]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help=later("The proof: text, as C2SP's logs have it."))]
Since = Annotated[
    Path, typer.Option("--since", metavar="FILE", help=later("Earlier checkpoints; the last one counts."))
]
CheckpointFile = Annotated[
    Path, typer.Option("--checkpoint", metavar="FILE", help=later("The file of checkpoints; the last one counts."))
]
HeadKey = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help=later("First sign a checkpoint of now with it, into that file.")),
]
OwnCheckpoint = Annotated[
    Path | None,
    typer.Option("--checkpoint", metavar="FILE", help=later("Checkpoints of one's own: the proof's is among them.")),
]
PublicKeys = Annotated[
    list[Path] | None,
    typer.Option(
        "--public-key",
        metavar="FILE",
        help=later("Who signs checkpoints: PEM, OpenSSH or name+id+key; repeatable. Else the keys of people.toml."),
    ),
]
_STEP = 5_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a proof is made of: a ledger that lies in `folder`, and a file of checkpoints, to which `key` adds one."""

    now: Settings
    histories: Histories
    folder: Path
    checkpoint: Path
    key: Path | None = None
    passphrase_file: Path | None = None

    def head(self, earlier: Sequence[Checkpoint] = ()) -> Checkpoint:
        """Give the checkpoint that a proof leads to; one that is made is held against earlier ones first."""
        if self.key is None:
            return ours(self.checkpoint, self.histories.origin)[-1]
        files = self.checkpoint, self.key, self.passphrase_file
        return histories.add_head(self.now, self.histories, self.folder, *files, earlier)[0]

    @contextmanager
    def digests(self, head: Checkpoint) -> Iterator[Iterator[bytes]]:
        """Give the digests of the entries in order; it is told how many of a checkpoint's are read."""
        from sentinel.console.ledger import checking

        with (
            histories.telling(self.now, head.size, checking) as told,
            closing(self.histories.digests()) as digests,
        ):
            yield _telling(digests, told)


def _telling(digests: Iterable[bytes], told: Callable[[int], None]) -> Iterator[bytes]:
    for number, digest in enumerate(digests):
        if not number % _STEP:
            told(number)
        yield digest


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is found of a proof: who signed its checkpoint ("" where nobody known did), and what is wrong with it."""

    signer: str = ""
    problem: InputError | Damaged | None = None

    def put(self, now: Settings, holds: str, told: dict[str, Any], *, as_json: bool) -> int:
        """Tell it, as `holds` says where nothing is wrong, with `told` in JSON; give how the run ends."""
        from sentinel.cli.people import put
        from sentinel.console.text import visible

        problem = self.problem
        if as_json:
            said = {"holds": not problem, "problem": problem.message if problem else None}
            asked.put_json(said | {"hint": (problem and problem.hint) or None, "signed_by": self.signer or None} | told)
        elif problem:
            put(now, [visible(str(problem)), *([visible(problem.hint)] if problem.hint else [])])
        else:
            put(now, [visible(holds)])
        if problem is None:
            return ExitCode.DONE
        return ExitCode.BROKEN if isinstance(problem, Damaged) else ExitCode.FOUND


def prove_growth(made: Asked, since: Path, out: Path, *, as_json: bool) -> None:
    """Write the proof that a ledger only grew since the last checkpoint of a file. Raise InputError, Damaged."""
    from sentinel.ledger.faults import KEEP
    from sentinel.ledger.proofs import prove_consistency

    known = ours(since, made.histories.origin)
    head = made.head(known)
    before = [each for each in known if each.body() != head.body()]
    if not before:
        raise InputError(_("there is no checkpoint in it but the one that is proved"), place=str(since))
    earlier, count = before[-1], made.histories.count()
    if count < max(earlier.size, head.size):
        told = _("the end was cut off: there were {expected} entries, there are {count}")
        expected = max(earlier.size, head.size)
        raise Damaged(told.format(expected=expected, count=count), place=earlier.place, hint=_(KEEP))
    with made.histories.reading(), made.digests(head) as digests:
        proof = prove_consistency(digests, earlier, head)
    told = _("{path}: the first {since} of {size} entries are those of the earlier checkpoint")
    text = told.format(path=out, since=proof.earlier, size=head.size)
    put_proof(made.now, proof, out, text, {"since": proof.earlier}, as_json=as_json)


def put_proof(now: Settings, proof: Proof, out: Path, text: str, told: dict[str, Any], *, as_json: bool) -> None:
    """Write a proof to its file and tell of it. Raise InputError where it cannot be written."""
    from sentinel.cli.people import put
    from sentinel.console.output import replacing
    from sentinel.console.text import visible

    with replacing(out) as stream:
        stream.write(proof.content())
    if as_json:
        head = proof.checkpoint
        asked.put_json({"kind": kind_of(proof), "origin": head.origin, "size": head.size, **told, "file": str(out)})
    else:
        put(now, [visible(text)])


def kind_of(proof: Proof) -> str:
    """Give the word for what a proof shows."""
    from sentinel.ledger.proofs import Inclusion

    return "inclusion" if isinstance(proof, Inclusion) else "consistency"


def read_proof(path: Path) -> Proof:
    """Read a proof; raise InputError."""
    from sentinel.ledger.proofs import read

    return read(content_of(path), str(path))


def check_growth(
    now: Settings, path: Path, since: Path, own: Path | None, public_keys: Sequence[Path], *, as_json: bool
) -> int:
    """Check such a proof, with nothing but files, and tell of it; give how the run ends. Raise InputError."""
    from sentinel.ledger.proofs import Consistency

    proof = read_proof(path)
    if not isinstance(proof, Consistency):
        told = _("it proves that one entry is there, not that the ledger only grew")
        raise InputError(told, place=str(path), hint=_("`sentinel pki audit check` takes it, with --certificate"))
    head, signer_of = proof.checkpoint, signers(now, public_keys)
    known = ours(since, head.origin)
    verdict = judged(proof, signer_of, own, lambda: _check_since(proof, known, signer_of, since))
    text = _("{origin} only grew: the first {since} of its {size} entries are unchanged; {name} signed that")
    holds = text.format(origin=head.origin, since=proof.earlier, size=head.size, name=verdict.signer)
    facts = {"kind": kind_of(proof), "origin": head.origin, "since": proof.earlier, "size": head.size}
    return verdict.put(now, holds, facts, as_json=as_json)


def _check_since(
    proof: Consistency, known: Sequence[Checkpoint], signer_of: Callable[[Checkpoint], str], since: Path
) -> None:
    """Hold a proof against every checkpoint that one knows of the ledger; raise InputError, Damaged."""
    from sentinel.ledger.proofs import check_consistency, check_order

    head = proof.checkpoint
    for each in known:
        signer_of(each)
        check_order(*((head, each) if (each.at or 0) > (head.at or 0) else (each, head)))
    begun = [each for each in known if each.size == proof.earlier]
    if not begun:
        sizes = ", ".join(str(each.size) for each in known)
        told = _("the proof is since {count} entries, and no checkpoint here has as many")
        hint = _("they have {sizes}; ask for a proof since one of these").format(sizes=sizes)
        raise InputError(told.format(count=proof.earlier), place=str(since), hint=hint)
    for each in begun:
        check_consistency(proof, each)


def judged(
    proof: Proof, signer_of: Callable[[Checkpoint], str], own: Path | None, check: Callable[[], None]
) -> Verdict:
    """Give what is found of a proof: who signed its checkpoint, whether it is one of one's own, and a further check."""
    head = proof.checkpoint
    mine = ours(own, head.origin) if own else None
    try:
        name = signer_of(head)
    except InputError as error:
        return Verdict("", error)
    try:
        if mine is not None:
            _check_own(head, mine)
        check()
    except (InputError, Damaged) as error:
        return Verdict(name, error)
    return Verdict(name)


def _check_own(head: Checkpoint, mine: Sequence[Checkpoint]) -> None:
    """Raise Damaged where a checkpoint contradicts one's own, InputError where it is none of them."""
    from sentinel.ledger.proofs import check_order

    same = [each for each in mine if each.size == head.size]
    for each in same:
        check_order(each, head)
    if not same:
        raise InputError(_("the proof is for another checkpoint"), place=mine[-1].place)


def signers(now: Settings, public_keys: Sequence[Path]) -> Callable[[Checkpoint], str]:
    """Give what names who signed a checkpoint, of the keys of these files, or else of people.toml. Raise InputError."""
    from sentinel.ledger.base import Signer
    from sentinel.ledger.checkpoint import check_signed, key_id
    from sentinel.people.register import read

    keys = [_public_key(path) for path in public_keys]
    people = {} if keys else read(now.people).signers()

    def named(checkpoint: Checkpoint) -> str:
        # A key without a name goes by the one in the signature, which nobody vouches for: it is not told.
        found = {
            key.fingerprint: Signer(each.name, key, 0)
            for name, key in keys
            for each in checkpoint.signatures
            if name in {"", each.name} and each.key_id == key_id(each.name, key)
        }
        signer = check_signed(checkpoint, found or people)
        return signer.key.fingerprint if ("", signer.key) in keys else signer.owner

    return named


def _public_key(path: Path) -> tuple[str, PublicKey]:
    """Read a public key, and whose it is where the file says that; raise InputError."""
    from sentinel.crypto.keys import PublicKey
    from sentinel.ledger.checkpoint import read_verifier

    text = content_of(path).decode("utf-8", "replace").strip()
    if "\n" not in text and not text.startswith(("ssh-", "ecdsa-")):
        return read_verifier(text, str(path))
    return "", PublicKey.of_text(text, str(path))


def ours(path: Path, origin: str) -> list[Checkpoint]:
    """Give the checkpoints of a ledger in a file, one at least; raise InputError."""
    found = [each for each in histories.read_checkpoints(path) if each.origin == origin]
    if not found:
        raise InputError(
            _("no checkpoint is one of this ledger, whose origin is '{origin}'").format(origin=origin), place=str(path)
        )
    return found


def content_of(path: Path) -> bytes:
    """Read a file; raise InputError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(_("cannot be read: {reason}").format(reason=error.strerror), place=str(path)) from None
