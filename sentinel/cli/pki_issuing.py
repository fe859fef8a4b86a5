"""`sentinel pki approve|reject|issue`: from a request to certificates."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki import NewPassphraseFile, SignerFile, calling, passphrase, reading, unlocking
from sentinel.cli.pki_asked import looked_at, notes_lines
from sentinel.cli.pki_paranoid import Paranoid, judge_request
from sentinel.cli.pki_telling import telling
from sentinel.errors import InputError, Refused
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.cli.pki import Call
    from sentinel.errors import SentinelError
    from sentinel.pki.register.file import Request, Row
    from sentinel.pki.register.issuing import Came

RequestId = Annotated[str, typer.Argument(metavar="REQUEST", help=later("What the request is called, such as r12."))]
SHOWN = 20
_DAY = 86_400 * 1_000_000_000
_AT_ONCE = 500


class NeedsApproval(Refused):
    """What nobody has approved, or not in time."""

    exit_code = ExitCode.NEEDS_APPROVAL


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("approve", help=_("Approve a request with your key; whoever asked may not."))(approve)
    group.command("reject", help=_("Refuse a request, or take your own back."))(reject)
    group.command("issue", help=_("Issue what was approved."))(issue)


def approve(
    ctx: typer.Context,
    id_: RequestId,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help=_("Your private key, which signs the approval."))],
    lasts: Annotated[str, typer.Option("--lasts", metavar="SPAN", help=_("How long the approval holds."))] = "7d",
    emergency: Annotated[
        bool, typer.Option("--emergency", help=_("Approve your own request: for an hour, with a reason, and loudly."))
    ] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why, in an emergency."))] = "",
    paranoid: Paranoid = False,
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
    _check_terms(span, reason, emergency=emergency)
    _show_what(ctx, id_, is_silent=as_json)  # before the passphrase is asked for
    with calling(ctx, key, passphrase_file) as call:
        found = call.register.request(id_)
        if paranoid:
            judge_request(call, found)
        made = approval_of(
            found, call.by, call.people, call.moment, lasts=span, emergency=emergency, reason=nfc(reason)
        )
        found = approved(call.register, found, made, call.by, call.people, call.moment)
        if as_json:
            asked.put_json({"request": views.request_object(found), "approval": views.approval_object(made)})
            return
        put(call.now, [views.approval_line(made, zone_named(call.now.timezone))])
        put(call.now, [_("Next: sentinel pki issue {id}").format(id=found.id)])


def _check_terms(span: int, reason: str, *, emergency: bool) -> None:
    from sentinel.pki.signing.approvals import LONGEST

    if emergency and not reason.strip():
        told = _("an approval in an emergency says why nobody else could look at it")
        raise InputError(told, place="--emergency", hint=_("give --reason TEXT"))
    if reason and not emergency:
        told = _("a reason is given in an emergency alone")
        raise InputError(told, place="--reason", hint=_("--purpose of the request says what it is for"))
    if span > LONGEST:
        told = _("an approval holds for {days} days at most").format(days=LONGEST // _DAY)
        raise InputError(told, place="--lasts", hint=_("it can be given again when it has ended"))


def _show_what(ctx: typer.Context, id_: str, *, is_silent: bool) -> None:
    """Show what an approval would be of: who asks, what for, and for which names; raise where it waits for none."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.pki.register.asking import approvals_of, items_of
    from sentinel.pki.register.tables import State

    with reading(ctx) as (now, home, opened):
        found = opened.request(id_)
        if not is_silent:
            items, zone = items_of(opened, found, SHOWN), zone_named(now.timezone)
            put(now, [*views.asked_lines(found, items, zone, width_of(now))])
            put(now, notes_lines(looked_at(now, home, opened, found)))
        ended = all(each.expires <= time.time_ns() for each in approvals_of(opened, found))
    if found.state is not State.WAITING and not (found.state is State.APPROVED and ended):
        told = _("it is not there to be approved: {state}").format(state=found.state.told)
        raise InputError(told, place=found.id, hint=_("`sentinel pki show {id}` says more").format(id=found.id))


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
            put(call.now, [f"{found.id}: {found.state.told}"])


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
    from sentinel.pki.office import working
    from sentinel.pki.office.reading import complete_keys
    from sentinel.pki.register.finding import Wanted, find
    from sentinel.pki.register.issuing import Came
    from sentinel.pki.register.tables import State

    with calling(ctx, key, passphrase_file) as call, _going_on(id_):
        found = call.register.request(id_)
        came = Came(0)
        if found.state is not State.DONE or not (out or new_passphrase_file):  # files may be written again
            _must_be_to_issue(call, found)
            unlock = unlocking(signer_passphrase_file)
            with telling(call.now, _("certificates issued"), found.count) as told:
                came = working.issue(
                    call.home, call.register, found, call.by, call.now.people, unlock, time.time_ns, told=told
                )
        rows = find(call.register, Wanted(request=found.number))
        faults: list[SentinelError] = []
        written = _write(call, rows, out) if out else []
        written += complete_keys(call.register, rows, cache(lambda: _of_keys(new_passphrase_file)), faults)
        _put_issued(call, found, came, rows, written, faults, as_json=as_json)
        return ExitCode.PARTLY if came.given_up or faults else ExitCode.DONE


def _put_issued(  # what was issued, where it is, and what could not be written
    call: Call,
    found: Request,
    came: Came,
    rows: Sequence[Row],
    written: Sequence[Path],
    faults: Sequence[SentinelError],
    *,
    as_json: bool,
) -> None:
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named

    if as_json:
        asked.put_json({
            "request": views.request_object(call.register.request(found.id)),
            "issued": came.issued,
            "given_up": came.given_up,
            "certificates": [*map(views.certificate_object, rows)],
            "files": [*map(str, written)],
            "faults": [*map(views.finding_object, faults)],
        })  # fmt: skip
        return
    put(call.now, views.certificates_table(rows[:SHOWN], zone_named(call.now.timezone), width_of(call.now)))
    put(call.now, [*map(str, written[:SHOWN])] or [*_where(rows)])
    put(call.now, [*views.findings_lines(faults, ())])
    if faults:
        told = _("all is issued; the files again: sentinel pki issue {id} --new-passphrase-file FILE")
        put(call.now, [told.format(id=found.id)])


@contextmanager
def _going_on(id_: str) -> Iterator[None]:
    """Say how to go on, where somebody breaks it off."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(_("broken off; what was begun is finished by: sentinel pki issue {id}").format(id=id_), err=True)
        raise


def _of_keys(path: Path | None) -> bytes:
    return passphrase(path, _("Passphrase of the keys that were made"), "--new-passphrase-file")


def _where(rows: Sequence[Row]) -> Iterator[str]:
    from sentinel.pki.register.tables import State

    issued = next((row for row in rows if row.state is State.ISSUED), None)
    if issued:
        yield _("`sentinel pki show {id} --pem` gives the certificate").format(id=issued.serial[:12].lower())


def _must_be_to_issue(call: Call, found: Request) -> None:
    """Raise where a request is not to be issued, before anybody is asked for a passphrase or a row is written."""
    from sentinel.console.times import shown, zone_named
    from sentinel.pki.office.grants import grant_of
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
        told = _("it is not to be issued: {state}").format(state=found.state.told)
        raise InputError(told, place=found.id, hint=_("`sentinel pki show {id}` says more").format(id=found.id))
    approvals = approvals_of(call.register, found)
    if not approvals and (name := grant_of(call.register, found)):
        hint = _("`sentinel pki grant issue {id} --grant {name}`; or `sentinel pki approve {id} --key FILE`")
        told = _("the grant '{name}' gave it, and nobody approved it").format(name=name)
        raise NeedsApproval(told, place=found.id, hint=hint.format(id=found.id, name=quote(name)))
    ends = max((each.expires for each in approvals), default=0)
    # What was begun is gone on with: the signer knows what it signed while the approval held.
    if 0 < ends <= call.moment and found.left:
        told = _("its approval has ended, {time}").format(time=shown(ends, zone_named(call.now.timezone)))
        hint = _("let it be approved again: sentinel pki approve {id} --key FILE").format(id=found.id)
        raise NeedsApproval(told, place=found.id, hint=hint)


def _write(call: Call, rows: Sequence[Row], out: Path) -> list[Path]:
    """Write chains as PEM; a folder gets a file for each, named by its serial number."""
    from sentinel.console.output import replacing
    from sentinel.pki.office.reading import chain_of

    rows = [row for row in rows if call.register.der(row.number)]
    one = len(rows) == 1 and not out.is_dir()
    if rows and not one:
        _make(out)
    written: list[Path] = []
    with telling(call.now, _("files written"), len(rows)) as told:
        for row in rows:
            path = out if one else out / f"{row.serial.lower()}.pem"
            with replacing(path) as stream:
                stream.write(chain_of(call.register, row))
            written.append(path)
            if not len(written) % _AT_ONCE:
                told(len(written))
    return written


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        hint = _("name a folder: what is issued is kept, and can be written again")
        raise InputError(_("cannot be written: {reason}").format(reason=reason), place=str(folder), hint=hint) from None
