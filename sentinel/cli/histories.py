"""What is asked of any ledger, that of alerts or that of certificates: is it sound, sign its head, who did what."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel.cli import asked
from sentinel.cli.exits import ExitCode
from sentinel.errors import Damaged, InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sentinel.crypto.keys import PublicKey
    from sentinel.ledger.checkpoint import Checkpoint
    from sentinel.ledger.faults import Fault
    from sentinel.ledger.verify import Verified
    from sentinel.settings import Settings
    from sentinel.store.histories import Happening, Histories

Checkpoints = Annotated[
    list[Path] | None,
    typer.Option("--checkpoints", metavar="FILE", help=later("Compare with the checkpoints of a file; repeatable.")),
]
To = Annotated[Path, typer.Option("--to", metavar="FILE", help=later("The file that it is added to, made if need be."))]
SigningKey = Annotated[Path, typer.Option("--key", metavar="FILE", help=later("The private key that signs it."))]
SinceTime = Annotated[str | None, typer.Option("--since", metavar="TIME", help=later("Only from then on."))]
Actor = Annotated[str, typer.Option("--actor", metavar="NAME", help=later("Only what this person did."))]
Limit = Annotated[int, typer.Option("--limit", metavar="COUNT", help=later("How many; 0 gives all."))]
Ndjson = Annotated[bool, typer.Option("--ndjson", help=later("Write a JSON object a line."))]
_SECOND: Final = 1_000_000_000
_CHUNK: Final = 2_000
_MAY_SIGN: Final = "ledger.checkpoint"


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """Read the checkpoints of a file, one at least; raise InputError."""
    from sentinel.ledger.checkpoint import parse

    hint = _("name what `sentinel ledger checkpoint --to FILE` or `sentinel pki audit checkpoint --to FILE` wrote")
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise InputError(_("there is no such file"), place=str(path), hint=hint) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(_("cannot be read: {reason}").format(reason=reason), place=str(path), hint=hint) from None
    except UnicodeDecodeError:
        raise InputError(_("cannot be read: it is no text"), place=str(path), hint=hint) from None
    found = list(parse(text, str(path)))
    if not found:
        raise InputError(_("there is no checkpoint in it"), place=str(path), hint=hint)
    return found


def examined(now: Settings, histories: Histories, heads: Sequence[Checkpoint]) -> Verified:
    """Check what histories hold, as it is at one moment; where the file cannot be read on, that is the one fault."""
    from sentinel.ledger.faults import Fault
    from sentinel.ledger.merkle import EMPTY
    from sentinel.ledger.verify import Verified

    try:
        return _examined(now, histories, heads)
    except Damaged as error:
        return Verified(0, 0, 0, 0, EMPTY, 0, 0, 0, (Fault(error.message),), 1)


def _examined(now: Settings, histories: Histories, heads: Sequence[Checkpoint]) -> Verified:
    from sentinel.console.ledger import checking
    from sentinel.ledger.faults import Fault
    from sentinel.ledger.verify import Ledger, examine
    from sentinel.people.register import read

    if not histories.is_there:
        return examine(Ledger("", (), ()), heads)
    signers = read(now.people).signers()
    with histories.reading(), telling(now, histories.count(), checking) as told:
        ledger = Ledger(histories.origin, histories.act_rows(), histories.entry_rows(), histories.heads())
        found = examine(ledger, heads, signers, told)
        counts = histories.counts()
    if counts == (found.acts, found.entries):
        return found
    what = _("the file says that there are {acts} acts and {entries} entries").format(acts=counts[0], entries=counts[1])
    return with_faults(found, [Fault(what)])


def with_faults(found: Verified, faults: Sequence[Fault], count: int = 0) -> Verified:
    """Give what was found with further faults; `count` is how many there are, where not all are given."""
    return replace(found, faults=(*found.faults, *faults), fault_count=found.fault_count + (count or len(faults)))


@contextmanager
def telling(
    now: Settings, total: int, say: Callable[[int, int], Callable[[float, float | None], str]]
) -> Iterator[Callable[[int], None]]:
    """Give what tells on the terminal how far a check has come."""
    from sentinel.console.progress import ProgressLine
    from sentinel.console.theme import console_for

    line = ProgressLine(console_for(sys.stderr, now.color) if sys.stderr.isatty() else None, total)
    try:
        yield lambda done: line.tell(done, say(done, total))
    finally:
        line.close()


def put_verified(
    now: Settings,
    found: Verified,
    origin: str,
    *,
    as_json: bool,
    counts: Mapping[str, int] | None = None,
    more: Sequence[str] = (),
) -> int:
    """Tell what a check found, with further counts (JSON) or lines; give how the run ends."""
    from sentinel.cli.people import put
    from sentinel.console import ledger as views

    if as_json:
        asked.put_json(views.verified_object(found, origin) | dict(counts or {}))
    else:
        put(now, [*views.verified_lines(found, origin), *more])
    return ExitCode.BROKEN if found.fault_count else ExitCode.DONE


def add_head(
    now: Settings,
    histories: Histories,
    folder: Path,
    to: Path,
    key: Path,
    passphrase_file: Path | None,
    earlier: Sequence[Checkpoint] = (),
) -> tuple[Checkpoint, PublicKey]:
    """Check histories against a file's checkpoints and `earlier` ones, and add one; `folder` is where they are kept.

    Give it, and the key that it can be verified with. Raise InputError, Refused, Damaged where they are not what was
    written.
    """
    from sentinel.cli.acting import acting_of
    from sentinel.ledger.checkpoint import Checkpoint, signed
    from sentinel.ledger.faults import damaged
    from sentinel.ledger.keeping import adding

    _check_outside(to, folder)
    acting = acting_of(now, key, passphrase_file)
    acting.must(_MAY_SIGN)
    if not histories.is_there:
        raise InputError(_("nothing has happened here yet"), place=str(folder))
    with adding(to) as file:
        heads = [each for each in (*file.there, *earlier) if each.origin == histories.origin]
        found = examined(now, histories, heads)
        if found.faults:
            raise damaged(found.faults, found.fault_count, histories.origin)
        assert acting.key is not None  # noqa: S101 - it was proved by one
        at = time.time_ns() // _SECOND * _SECOND
        head = signed(Checkpoint(histories.origin, found.entries, found.root, at), acting.name, acting.key)
        file.add(head)
    return replace(head, place=str(to)), acting.key.public


def put_head(now: Settings, head: Checkpoint, key: PublicKey, *, as_json: bool) -> None:
    """Tell of a checkpoint that was added to a file, and what it can be verified with."""
    from sentinel.cli.people import put
    from sentinel.console.ledger import checkpoint_object
    from sentinel.console.text import visible
    from sentinel.ledger.checkpoint import verifier

    if as_json:
        verifiers = [verifier(head.signatures[0].name, key) or None]
        asked.put_json(checkpoint_object(head, head.place) | {"verifiers": verifiers})
    else:
        told = _("{path}: {entries} entries vouched for by {name}")
        put(now, [visible(told.format(path=head.place, entries=head.size, name=head.signatures[0].name))])


def _check_outside(path: Path, store: Path) -> None:
    """Raise InputError for a file inside of the store: whoever changes the one could change the other."""
    if path.resolve().is_relative_to(store.resolve()):
        raise InputError(
            _("a checkpoint inside of the store proves nothing: who changes the one changes the other"),
            place=str(path),
            hint=_("keep it where those who can write the store cannot: another machine, write-once media"),
        )


def put_log(
    now: Settings,
    histories: Histories,
    about: Callable[[str], bool],
    since: str | None,
    actor: str,
    limit: int,
    *,
    as_json: bool,
    ndjson: bool,
) -> None:
    """Tell who did what to the subjects that `about` takes. Raise InputError."""
    from itertools import islice

    from sentinel.cli.people import put, width_of
    from sentinel.console import ledger as views
    from sentinel.console.documents import as_json as encoded
    from sentinel.console.times import window, zone_named

    view = asked.only_one({"--json": as_json, "--ndjson": ndjson})
    if limit < 0:
        raise InputError(_("must be 0 or more, not {number}").format(number=limit), place="--limit")
    zone = zone_named(now.timezone)
    begin = window(since, None, zone, time.time_ns()).since
    happened = islice(_happenings(histories, about, begin, actor), limit or None)
    if view == "--ndjson":
        for each in happened:
            typer.echo(encoded(views.log_object(each)))
    elif view:
        asked.put_json({"entries": [*map(views.log_object, happened)]})
    else:
        every = list(happened)
        put(now, views.log_table(every, zone, width_of(now)) if every else [_("nothing was done")])


def _happenings(
    histories: Histories, about: Callable[[str], bool], since: int | None, actor: str
) -> Iterator[Happening]:
    """Give entries with their acts, the newest first."""
    from sentinel.people.register import nfc

    who = nfc(actor).casefold()
    for last in range(histories.count(), 0, -_CHUNK):
        first = max(0, last - _CHUNK)
        for each in reversed(histories.since(first, last - first)):
            if (
                about(str(each.entry.subject))  # who changed the file can have put anything there
                and (since is None or each.act.at >= since)
                and (not who or each.act.actor.casefold() == who)
            ):
                yield each


def beginning(text: str) -> Callable[[str], bool]:
    """Give what takes the subjects whose name begins so, or a part of it behind a colon; with "" all."""
    from sentinel.people.register import nfc

    name = nfc(text).casefold()

    def takes(subject: str) -> bool:
        folded = subject.casefold()
        return folded.startswith(name) or any(part.startswith(name) for part in folded.split(":")[1:])

    return takes
