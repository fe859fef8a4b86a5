"""`sentinel pki grant`: what may be issued without an approval of its own, once two people agreed on it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki import SignerFile, calling, reading, unlocking
from sentinel.cli.pki_telling import telling
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.cli.pki import Call
    from sentinel.pki.office.grants import Proposal, Standing
    from sentinel.pki.office.home import Home
    from sentinel.pki.signing.client import Client
    from sentinel.settings import Settings

File = Annotated[Path, typer.Argument(metavar="FILE", help=later("The proposal, which `grant propose` wrote."))]
Name = Annotated[str, typer.Argument(metavar="NAME", help=later("What the grant is called."))]
ApproverKey = Annotated[
    Path, typer.Option("--key", metavar="FILE", help=later("Your private key, which signs the approval."))
]

_DAY = 86_400 * 1_000_000_000


def register(group: typer.Typer) -> None:
    """Add the group `grant`."""
    below = typer.Typer(
        help=_("What may be issued without an approval of its own, once two people agreed."), rich_markup_mode=None
    )
    below.command("propose", help=_("Write a proposal: more certificates such as one that was issued."))(propose)
    below.command("approve", help=_("Add your approval to a proposal; it needs two."))(approve)
    below.command("give", help=_("Have the signer take up a proposal that two people approved."))(give)
    below.command("withdraw", help=_("Have the signer end a grant; one approver is enough."))(withdraw)
    below.command("list", help=_("List the grants, and what they gave."))(list_all)
    below.command("issue", help=_("Issue what was asked for, by a grant that gives it."))(issue)
    group.add_typer(below, name="grant")


def propose(
    ctx: typer.Context,
    name: Name,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=_("A new file for the proposal."))],
    like: Annotated[
        str, typer.Option("--like", metavar="SERIAL", help=_("A certificate: its agency, profile, usages and subject."))
    ],
    names: Annotated[
        list[str],
        typer.Option(
            "--names", metavar="PATTERN", help=_("dns:*.sw.example, ip:192.0.2.0/24, email:*@sw.example; repeatable.")
        ),
    ],
    count: Annotated[int, typer.Option("--count", metavar="COUNT", help=_("How many certificates at most …"))],
    per: Annotated[str, typer.Option("--per", metavar="SPAN", help=_("… in any such span."))] = "1d",
    lasts: Annotated[str, typer.Option("--lasts", metavar="SPAN", help=_("How long the grant stands."))] = "90d",
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Propose a grant."""
    from sentinel.pki.office import grants
    from sentinel.pki.signing.grants import LONGEST

    span, ends = asked.duration(per, "--per"), asked.duration(lasts, "--lasts")
    asked.positive(count, "--count")
    if ends > LONGEST:
        told = _("a grant stands for {days} days at most").format(days=LONGEST // _DAY)
        raise InputError(told, place="--lasts", hint=_("propose it again when it has ended"))
    with calling(ctx, key, passphrase_file) as call:
        call.by.must("pki.request")
        row, now = call.register.certificate(like), call.moment
        made = grants.like(call.register, row, name, names, count, max(span // 1_000_000_000, 1), now, now + ends)
        proposal = grants.Proposal(made.statement.decode(), call.by.name)
        try:
            with out.open("xb") as stream:
                stream.write(proposal.content())
        except OSError as error:
            raise InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=str(out)) from None
        _put_proposal(call.now, proposal, out, as_json=as_json)


def approve(
    ctx: typer.Context, path: File, key: ApproverKey, passphrase_file: PassphraseFile = None, as_json: Json = False
) -> None:
    """Approve a proposal."""
    from sentinel.console.output import replacing
    from sentinel.pki.office import grants

    before = _read(path)
    with calling(ctx, key, passphrase_file) as call:
        proposal = grants.approve(before, call.by, call.people, call.moment)
        with replacing(path) as stream:
            stream.write(proposal.content())
        _put_proposal(call.now, proposal, path, as_json=as_json)


def _read(path: Path) -> Proposal:
    from sentinel.pki.office import grants

    try:
        return grants.read(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(_("cannot be read: {reason}").format(reason=error.strerror), place=str(path)) from None


def _put_proposal(now: Settings, proposal: Proposal, path: Path, *, as_json: bool) -> None:
    from sentinel.cli.people import put
    from sentinel.console.numbers import number
    from sentinel.console.pki_grants import span_of
    from sentinel.console.text import visible
    from sentinel.console.times import shown, zone_named
    from sentinel.pki.office.grants import NEEDED

    zone = zone_named(now.timezone)
    approvers = [each.approver for each in proposal.papers()]
    if as_json:
        asked.put_json({"grant": asdict(proposal.grant), "approvers": approvers, "file": str(path)})
        return
    grant = proposal.grant
    lines = (
        f"{grant.name}: {grant.profile}, {grant.agency}, {' '.join(grant.names)}",
        _("{count} in any {span}, each for {days} days at most, until {time}").format(
            count=number(grant.count), span=span_of(grant.seconds), days=grant.days, time=shown(grant.expires, zone)
        ),
        _("approved by: {names}").format(names=", ".join(approvers) or "–"),
        _("Next: sentinel pki grant {step} {path}").format(
            step="give" if len(approvers) >= NEEDED else "approve", path=quote(str(path))
        ),
    )
    put(now, [*map(visible, lines)])


@contextmanager
def _signer(call: Call, issuer: str, signer_passphrase_file: Path | None) -> Iterator[Client]:
    from sentinel.pki.office.signers import needs, signer

    key = call.register.authority(issuer).issuer.key
    needs(call.home, [key])
    with signer(call.home, call.now.people, unlocking(signer_passphrase_file), [key]) as client:
        yield client


def give(
    ctx: typer.Context,
    path: File,
    signer_passphrase_file: SignerFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Give a grant."""
    from sentinel.cli.people import put
    from sentinel.console.text import visible
    from sentinel.pki.office import grants
    from sentinel.pki.office.ceremony import witness

    proposal = _read(path)
    with calling(ctx, key, passphrase_file) as call:
        call.by.must("pki.issue")
        grants.check_agreed(proposal, call.people, call.moment)  # before a passphrase is asked for
        with _signer(call, proposal.grant.issuer, signer_passphrase_file) as client:
            made = grants.give(client, proposal, call.people, call.moment)
        told = {"grant": proposal.statement, "approvals": proposal.approvals}
        witness(call.register, made.issuer, "grant given", told, call.by, call.moment)
        if as_json:
            asked.put_json({"grant": asdict(made)})
        else:
            told_ = _("Next: sentinel pki grant issue REQUEST --grant {name}").format(name=quote(made.name))
            put(call.now, [visible(told_)])


def withdraw(
    ctx: typer.Context,
    name: Name,
    key: ApproverKey,
    passphrase_file: PassphraseFile = None,
    signer_passphrase_file: SignerFile = None,
    as_json: Json = False,
) -> None:
    """Withdraw a grant."""
    from sentinel.cli.people import put
    from sentinel.pki.office import grants
    from sentinel.pki.office.ceremony import witness

    with calling(ctx, key, passphrase_file) as call:
        call.by.must("pki.approve")
        found = _named(_standing(call.home), name)
        issuer = found.grant.issuer
        with _signer(call, issuer, signer_passphrase_file) as client:
            grants.withdraw(client, found, call.by, call.people, call.moment)
        witness(call.register, issuer, "grant withdrawn", {"grant": name}, call.by, call.moment)
        if as_json:
            asked.put_json({"withdrawn": name})
        else:
            put(call.now, [_("withdrawn: {name}").format(name=name)])


def _standing(home: Home) -> dict[str, Standing]:
    """Give the grants that the signer knows, of its log."""
    from sentinel.pki.office.grants import standing
    from sentinel.pki.signing.client import connect
    from sentinel.pki.signing.home import LOG
    from sentinel.pki.signing.log import read_log

    if home.socket.exists():
        with connect(home.socket) as client:
            return standing(client.acts())
    return standing(read_log(home.signer / LOG)) if (home.signer / LOG).exists() else {}


def _named(known: dict[str, Standing], name: str) -> Standing:
    found = known.get(name)
    if found is None or found.withdrawn:
        names = ", ".join(each for each, standing in known.items() if not standing.withdrawn)
        hint = _("grants: {names}").format(names=names or "–")
        raise InputError(_("there is no grant '{name}', or it was withdrawn").format(name=name), hint=hint)
    return found


def list_all(ctx: typer.Context, as_json: Json = False) -> None:
    """List grants."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki_grants as views
    from sentinel.console.times import zone_named

    with reading(ctx) as (now, home, _opened):
        known, zone = _standing(home), zone_named(now.timezone)
    if as_json:
        asked.put_json({"grants": [views.grant_object(each) for each in known.values()]})
    else:
        table = views.grants_table([*known.values()], zone, width_of(now))
        put(now, table if known else [_("there is no grant")])


def issue(
    ctx: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="REQUEST", help=_("What the request is called, such as r12."))],
    name: Annotated[str, typer.Option("--grant", metavar="NAME", help=_("The grant that gives it."))],
    signer_passphrase_file: SignerFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Issue by a grant."""
    from sentinel.cli.people import put, width_of
    from sentinel.console import pki as views
    from sentinel.console.times import zone_named
    from sentinel.pki.office import working
    from sentinel.pki.office.grants import approve_by
    from sentinel.pki.register.finding import Wanted, find
    from sentinel.pki.register.tables import State

    with calling(ctx, key, passphrase_file) as call:
        found, grant = call.register.request(id_), _named(_standing(call.home), name).grant
        unlock = unlocking(signer_passphrase_file)
        if found.state is State.WAITING:
            found = approve_by(call.register, found, grant, call.by, call.moment)
        with telling(call.now, _("certificates issued"), found.count) as told:
            came = working.issue(
                call.home, call.register, found, call.by, call.now.people, unlock, time.time_ns, told=told
            )
        rows = find(call.register, Wanted(request=found.number))
        if as_json:
            told_ = {"request": views.request_object(call.register.request(id_)), "issued": came.issued}
            told_ |= {"given_up": came.given_up, "certificates": [*map(views.certificate_object, rows)]}
            asked.put_json(told_)
        else:
            put(call.now, views.certificates_table(rows[:20], zone_named(call.now.timezone), width_of(call.now)))
        return ExitCode.PARTLY if came.given_up else ExitCode.DONE
