"""`sentinel ledger`: who did what, and the proof that nobody changed it since."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.acting import PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.ledger.checkpoint import Checkpoint
    from sentinel.ledger.verify import Verified
    from sentinel.settings import Settings
    from sentinel.store.histories import Happening, Histories

_SECOND: Final = 1_000_000_000
_CHUNK: Final = 2_000
_MAY_SIGN: Final = "ledger.checkpoint"


def register(app: typer.Typer) -> None:
    """Add the group `ledger`."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("verify", help=_("Check every entry; exit 5 where one is not as it was written."))(verify)
    group.command("checkpoint", help=_("Sign what there is now, into a file that lies elsewhere."))(checkpoint)
    group.command("log", help=_("List who did what, the newest first."))(log)
    app.add_typer(group, name="ledger")


def verify(
    ctx: typer.Context,
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option("--checkpoints", metavar="FILE", help=_("Compare with the checkpoints of a file; repeatable.")),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check the ledger."""
    from sentinel.cli.people import put
    from sentinel.cli.store import queue_fault
    from sentinel.console import ledger as views
    from sentinel.ledger.faults import Fault
    from sentinel.store.histories import open_histories

    now = settings.load(ctx.obj)
    heads = [head for path in checkpoints or () for head in read_checkpoints(path)]
    histories = open_histories(now.store)
    try:
        found = examined(now, histories, heads)
    finally:
        histories.close()
    if not found.fault_count and (fault := queue_fault(now)):
        found = replace(found, faults=(Fault(fault.message),), fault_count=1)
    if as_json:
        asked.put_json(views.verified_object(found, histories.origin))
    else:
        put(now, [*views.verified_lines(found, histories.origin)])
    return ExitCode.BROKEN if found.fault_count else ExitCode.DONE


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """Read the checkpoints of a file, one at least; raise InputError."""
    from sentinel.ledger.checkpoint import parse

    hint = _("name the file that `sentinel ledger checkpoint --to FILE` writes")
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
    """Check what histories hold, as it is at one moment."""
    from sentinel.ledger.faults import Fault
    from sentinel.ledger.verify import Ledger, examine
    from sentinel.people.register import read

    if not histories.is_there:
        return examine(Ledger("", (), ()), heads)
    signers = read(now.people).signers()
    with histories.reading(), _telling(now, histories.count()) as told:
        ledger = Ledger(histories.origin, histories.act_rows(), histories.entry_rows(), histories.heads())
        found = examine(ledger, heads, signers, told)
        counts = histories.counts()
    if counts == (found.acts, found.entries):
        return found
    what = _("the file says that there are {acts} acts and {entries} entries").format(acts=counts[0], entries=counts[1])
    return replace(found, faults=(*found.faults, Fault(what)), fault_count=found.fault_count + 1)


@contextmanager
def _telling(now: Settings, total: int) -> Iterator[Callable[[int], None]]:
    """Give what tells on the terminal how many entries are checked."""
    from sentinel.console.ledger import checking
    from sentinel.console.progress import ProgressLine
    from sentinel.console.theme import console_for

    line = ProgressLine(console_for(sys.stderr, now.color) if sys.stderr.isatty() else None, total)
    try:
        yield lambda done: line.tell(done, checking(done, total))
    finally:
        line.close()


def checkpoint(
    ctx: typer.Context,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help=_("The file that it is added to, made if need be."))],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help=_("The private key that signs it."))],
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Check the ledger against the file's earlier checkpoints, and add one."""
    from sentinel.store.histories import open_histories

    now = settings.load(ctx.obj)
    histories = open_histories(now.store)
    try:
        sign_head(now, histories, now.store, to, key, passphrase_file, as_json=as_json)
    finally:
        histories.close()


def sign_head(
    now: Settings,
    histories: Histories,
    folder: Path,
    to: Path,
    key: Path,
    passphrase_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Check histories against a file's earlier checkpoints, and add one; `folder` is where they are kept."""
    from sentinel.cli.acting import acting_of
    from sentinel.cli.people import put
    from sentinel.console.ledger import checkpoint_object
    from sentinel.console.text import visible
    from sentinel.ledger.checkpoint import Checkpoint, signed
    from sentinel.ledger.faults import damaged
    from sentinel.ledger.keeping import adding

    _check_outside(to, folder)
    acting = acting_of(now, key, passphrase_file)
    acting.must(_MAY_SIGN)
    if not histories.is_there:
        raise InputError(_("nothing has happened here yet"), place=str(folder))
    with adding(to) as file:
        found = examined(now, histories, [each for each in file.there if each.origin == histories.origin])
        if found.faults:
            raise damaged(found.faults, found.fault_count, histories.origin)
        assert acting.key is not None  # noqa: S101 - it was proved by one
        at = time.time_ns() // _SECOND * _SECOND
        head = signed(Checkpoint(histories.origin, found.entries, found.root, at), acting.name, acting.key)
        file.add(head)
    if as_json:
        asked.put_json(checkpoint_object(head, str(to)))
    else:
        told = _("{path}: {entries} entries vouched for by {name}")
        put(now, [visible(told.format(path=to, entries=head.size, name=acting.name))])


def _check_outside(path: Path, store: Path) -> None:
    """Raise InputError for a file inside of the store: whoever changes the one could change the other."""
    if path.resolve().is_relative_to(store.resolve()):
        raise InputError(
            _("a checkpoint inside of the store proves nothing: who changes the one changes the other"),
            place=str(path),
            hint=_("keep it where those who can write the store cannot: another machine, write-once media"),
        )


def log(
    ctx: typer.Context,
    subject: Annotated[
        str, typer.Argument(metavar="[SUBJECT]", help=_("Only what was done to it: an alert's id, or its beginning."))
    ] = "",
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help=_("Only from then on."))] = None,
    actor: Annotated[str, typer.Option("--actor", metavar="NAME", help=_("Only what this person did."))] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="COUNT", help=_("How many; 0 gives all."))] = 50,
    as_json: Json = False,
    ndjson: Annotated[bool, typer.Option("--ndjson", help=_("Write a JSON object a line."))] = False,
) -> None:
    """List entries with their acts."""
    from itertools import islice

    from sentinel.cli.people import put, width_of
    from sentinel.console import ledger as views
    from sentinel.console.documents import as_json as encoded
    from sentinel.console.times import window, zone_named
    from sentinel.store.histories import open_histories

    view = asked.only_one({"--json": as_json, "--ndjson": ndjson})
    if limit < 0:
        raise InputError(_("must be 0 or more, not {number}").format(number=limit), place="--limit")
    now = settings.load(ctx.obj)
    begin = window(since, None, zone_named(now.timezone), time.time_ns()).since
    histories = open_histories(now.store)
    try:
        happened = islice(happenings(histories, subject, begin, actor), limit or None)
        if view == "--ndjson":
            for each in happened:
                typer.echo(encoded(views.log_object(each)))
            return
        every = list(happened)
    finally:
        histories.close()
    if view:
        asked.put_json({"entries": [*map(views.log_object, every)]})
    elif every:
        put(now, views.log_table(every, zone_named(now.timezone), width_of(now)))
    else:
        put(now, [_("nothing was done")])


def happenings(histories: Histories, subject: str, since: int | None, actor: str) -> Iterator[Happening]:
    """Give entries with their acts, the newest first."""
    from sentinel.people.register import nfc

    name, who = nfc(subject).casefold(), nfc(actor).casefold()
    for last in range(histories.count(), 0, -_CHUNK):
        first = max(0, last - _CHUNK)
        for each in reversed(histories.since(first, last - first)):
            if (
                (not name or _is_about(each.entry.subject, name))
                and (since is None or each.act.at >= since)
                and (not who or each.act.actor.casefold() == who)
            ):
                yield each


def _is_about(subject: Any, name: str) -> bool:  # noqa: ANN401 - who changed the file can have put anything there
    """Tell whether a subject, or its id behind the kind, begins so."""
    text = str(subject).casefold()
    return text.startswith(name) or any(text.removeprefix(kind).startswith(name) for kind in _KINDS)


_KINDS: Final = ("alert:", "suppression:", "authority:", "request:")
