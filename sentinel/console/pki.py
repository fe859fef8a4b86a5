"""Authorities, requests and certificates as tables, and as other programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.numbers import number
from sentinel.console.tables import EXTRA, Column, table, wrapped
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, HEAD, WARNING
from sentinel.console.times import iso, shown
from sentinel.language import _, later, n_
from sentinel.pki.register.entries import ByGrant, GivenUp, Rejected, Restored, Revoked, read
from sentinel.pki.register.tables import State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.errors import SentinelError
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.office.crossing import Cross
    from sentinel.pki.office.publishing import Published
    from sentinel.pki.register.asking import Item
    from sentinel.pki.register.file import Authority, Request, Row
    from sentinel.pki.register.finding import Week
    from sentinel.pki.signing.approvals import Approval
    from sentinel.store.histories import Happening

SECOND: Final = 1_000_000_000
_SERIAL: Final = 12
_SAID: Final[Mapping[type, str]] = {
    ByGrant: later("given by the grant {reason}, {time}, as {name} asked"),
    Rejected: later("rejected by {name}, {time}: {reason}"),
    Revoked: later("revoked by {name}, {time}: {reason}"),
    Restored: later("counts again by {name}, {time}: {reason}"),
    GivenUp: later("given up by {name}, {time}: {reason}"),
}


def authorities_table(authorities: Sequence[Authority], zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of the table of authorities."""
    from sentinel.pki.certificates.parse import authority

    said = [authority(each.issuer.certificate) for each in authorities]
    columns = [
        Column(_("authority"), [each.issuer.id for each in authorities]),
        Column(_("kind"), [_("root") if each.kind == "root" else _("issuing") for each in authorities], rank=2),
        Column(_("below"), [each.parent for each in authorities], rank=4),
        Column(_("name"), [each.common_name or each.subject for each in said], least=16),
        Column(_("signs with"), [each.issuer.algorithm.value for each in authorities], rank=3),
        Column(_("ends"), [shown(each.not_after * SECOND, zone)[:10] for each in said], rank=1),
    ]
    return table(columns, width)


def authority_object(each: Authority) -> dict[str, Any]:
    """Give an authority as programs read it."""
    from sentinel.pki.certificates.parse import authority

    said = authority(each.issuer.certificate)
    return {
        "id": each.issuer.id,
        "kind": each.kind,
        "parent": each.parent or None,
        "subject": said.subject,
        "algorithm": each.issuer.algorithm.value,
        "url": each.issuer.url,
        "not_before": iso(said.not_before * SECOND),
        "not_after": iso(said.not_after * SECOND),
        "fingerprint": said.fingerprint,
    }


def cross_object(each: Cross) -> dict[str, Any]:
    """Give what a root says of another as programs read it."""
    from sentinel.pki.certificates.parse import authority

    said = authority(each.certificate)
    return {
        "subject": each.subject,
        "issuer": each.issuer,
        "serial": f"{said.serial:X}",
        "counts": each.counts,
        "not_before": iso(said.not_before * SECOND),
        "not_after": iso(said.not_after * SECOND),
        "fingerprint": said.fingerprint,
    }


def cross_line(each: Cross, zone: ZoneInfo) -> str:
    """Give what a root says of another on one line."""
    from sentinel.pki.certificates.parse import authority

    ends = shown(authority(each.certificate).not_after * SECOND, zone)[:10]
    told = (
        _("{issuer} signed the key of {subject}: until {time}")
        if each.counts
        else _("{issuer} signed the key of {subject}, and revoked that")
    )
    return told.format(issuer=each.issuer, subject=each.subject, time=ends)


def certificates_table(
    rows: Sequence[Row], zone: ZoneInfo, width: int, emergencies: Collection[int] = ()
) -> list[Text]:
    """Give the lines of the table of certificates; those of requests approved in `emergencies` are loud."""
    columns = [
        Column(_("serial"), [row.serial[:_SERIAL].lower() for row in rows]),
        Column(_("state"), [_state_text(row.state, is_loud=row.request in emergencies) for row in rows]),
        Column(_("agency"), [row.agency for row in rows], least=6),
        Column(_("profile"), [row.profile for row in rows], rank=2, least=8),
        Column(_("names"), [_names(row) for row in rows], rank=0, least=12),
        Column(_("ends"), [shown(row.not_after * SECOND, zone)[:10] for row in rows], rank=1),
        Column(_("issuer"), [row.issuer for row in rows], rank=EXTRA, style=FAINT),
        Column(_("request"), [f"r{row.request}" for row in rows], rank=3, style=FAINT),
    ]
    return table(columns, width)


def _names(row: Row) -> str:
    return " ".join(name.partition(":")[2] for name in row.names.split()) or row.subject


def _state_text(state: State, *, is_loud: bool) -> Text:
    if is_loud:
        return Text(_("{state}, EMERGENCY").format(state=state.told), style=WARNING)
    return Text(state.told, style=WARNING if state in {State.REVOKED, State.HELD, State.GIVEN_UP} else "")


def certificate_object(row: Row) -> dict[str, Any]:
    """Give a certificate as programs read it."""
    return {
        "serial": row.serial.lower(),
        "issuer": row.issuer,
        "state": row.state.word,
        "reason": row.reason or None,
        "changed": iso(row.changed),
        "profile": row.profile,
        "agency": row.agency,
        "common_name": row.subject or None,
        "names": row.names.split(),
        "not_before": iso(row.not_before * SECOND),
        "not_after": iso(row.not_after * SECOND),
        "request": f"r{row.request}",
        "shard": row.shard,
    }


def requests_table(
    requests: Sequence[Request], zone: ZoneInfo, width: int, emergencies: Collection[int] = ()
) -> list[Text]:
    """Give the lines of the table of requests; those approved in `emergencies` are loud."""
    columns = [
        Column(_("request"), [each.id for each in requests]),
        Column(_("state"), [_state_text(each.state, is_loud=each.number in emergencies) for each in requests]),
        Column(_("certificates"), [number(each.count) for each in requests], right=True, rank=1),
        Column(_("who"), [each.requester for each in requests], least=8),
        Column(_("time"), [shown(each.at, zone) for each in requests], rank=2),
        Column(_("what for"), [each.purpose for each in requests], least=12),
        Column(_("issuer"), [each.issuer for each in requests], rank=EXTRA, style=FAINT),
    ]
    return table(columns, width)


def request_object(each: Request) -> dict[str, Any]:
    """Give a request as programs read it."""
    return {
        "id": each.id,
        "state": each.state.word,
        "issuer": each.issuer,
        "requester": each.requester,
        "at": iso(each.at),
        "count": each.count,
        "left": each.left,
        "digest": each.digest.hex(),
        "purpose": each.purpose,
    }


def asked_lines(each: Request, items: Sequence[Item], zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give what was asked for: by whom, when, where it stands, what for in full, and the names not issued yet."""
    told = n_("{id}: {who} asks for {count} certificate", "{id}: {who} asks for {count} certificates", each.count)
    told = told.format(id=each.id, who=each.requester, count=number(each.count))
    yield Text.assemble((visible(told), HEAD), f"  {shown(each.at, zone)}  {each.state.told}")
    label = _("what for")
    yield from wrapped(Text.assemble((f"{label}: ", HEAD), visible(each.purpose)), width)
    yield from items_lines(items, each.left)


def items_lines(items: Sequence[Item], count: int) -> Iterator[Text]:
    """Give what is asked for: a line for each certificate, and how many of `count` are not shown."""
    for each in items:
        order = each.order
        names = " ".join(map(str, order.names)) or order.subject.get("common_name", "")
        yield Text(visible(f"  {order.agency}  {order.profile}  {names}"))
    if (rest := count - len(items)) > 0:
        yield Text(n_("  and {count} more", "  and {count} more", rest).format(count=number(rest)), style=FAINT)


def approval_line(approval: Approval, zone: ZoneInfo, now: int = 0) -> Text:
    """Give who approved a request, until when; an emergency is loud. `now` is nanoseconds since 1970, UTC."""
    told = (
        _("approved by {name} until {time}, which has ended")
        if approval.expires <= now
        else _("approved by {name} until {time}")
    ).format(name=approval.approver, time=shown(approval.expires, zone))
    if not approval.emergency:
        return Text(visible(told))
    alarm = _("EMERGENCY: nobody else looked at it: {reason}").format(reason=approval.reason)
    return Text(visible(f"{told}  {alarm}"), style=WARNING)


def approval_object(approval: Approval) -> dict[str, Any]:
    """Give an approval as programs read it."""
    return {
        "approver": approval.approver,
        "at": iso(approval.at),
        "expires": iso(approval.expires),
        "emergency": approval.emergency,
        "reason": approval.reason or None,
        "key": approval.key,
    }


def said_lines(history: Iterable[Happening], zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give what people said when they refused, revoked or restored, and which grant gave it: who, when and why."""
    for each in history:
        happened = read(each.entry.kind, each.entry.body)
        if told := _SAID.get(type(happened)):
            why = ": ".join(filter(None, (getattr(happened, name, "") for name in ("grant", "reason", "text")))) or "–"
            line = _(told).format(name=each.act.actor, time=shown(each.act.at, zone), reason=why)
            yield from wrapped(Text(visible(line)), width)


def certificate_lines(row: Row, facts: Sequence[tuple[str, str]], width: int) -> Iterator[Text]:
    """Give a certificate whole: where it stands, and what it says, as labels and texts."""
    style = WARNING if row.state in {State.REVOKED, State.HELD, State.GIVEN_UP} else HEAD
    yield Text.assemble((row.serial.lower(), HEAD), "  ", (row.state.told, style))
    for label, text in facts:
        yield from wrapped(Text.assemble((f"{label}: ", HEAD), visible(text or "–")), width)


def comparing(done: int, total: int) -> Callable[[float, float | None], str]:
    """Give what is said while certificates are compared with their histories."""
    text = _("{done} of {total} certificates").format(done=number(done), total=number(total))
    return lambda _gone, _left: text


def profiles_table(profiles: Sequence[Profile], width: int) -> list[Text]:
    """Give the lines of the table of profiles."""
    columns = [
        Column(_("profile"), [each.id for each in profiles]),
        Column(_("name"), [each.name for each in profiles], least=12),
        Column(_("days"), [number(each.validity // 86_400) for each in profiles], right=True, rank=1),
        Column(_("keys"), [" ".join(each.keys) for each in profiles], rank=2, least=8),
        Column(_("names"), [" ".join(each.names.kinds) for each in profiles], rank=3, least=6),
    ]
    return table(columns, width)


def profile_object(each: Profile) -> dict[str, Any]:
    """Give a profile as programs read it."""
    return {
        "id": each.id,
        "name": each.name,
        "name_en": each.name_en,
        "subject": dict(each.subject),
        "validity": each.validity,
        "longest": each.longest,
        "keys": list(each.keys),
        "names": {"kinds": list(each.names.kinds), "least": each.names.least, "most": each.names.most},
        "usages": list(each.key_usage),
        "purposes": list(each.purposes),
        "policies": list(each.policies),
        "shards": each.shards,
        "place": each.place,
    }


def findings_lines(faults: Sequence[SentinelError], warnings: Sequence[SentinelError]) -> Iterator[Text]:
    """Give what is wrong with what was asked for, and what whoever approves should know."""
    for label, found, style in ((_("fault"), faults, WARNING), (_("note"), warnings, FAINT)):
        for each in found:
            hint = f" ({each.hint})" if each.hint else ""
            yield Text(visible(f"{label}: {each}{hint}"), style=style)


def finding_object(each: SentinelError) -> dict[str, Any]:
    """Give a fault or warning as programs read it."""
    return {"what": each.message, "place": each.place or None, "hint": each.hint or None}


def weeks_lines(weeks: Sequence[Week], zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give the weeks in which certificates end, with a bar and the agencies that have most."""
    most = max((week.count for week in weeks), default=1)
    for week in weeks:
        bar = "█" * max(1, week.count * 20 // most)
        agencies = ", ".join(f"{name} {number(count)}" for name, count in week.agencies[:5])
        rest = len(week.agencies) - 5
        more = n_("and {count} more", "and {count} more", rest).format(count=number(rest)) if rest > 0 else ""
        line = f"{shown(week.begins * SECOND, zone)[:10]}  {bar:<20}  {number(week.count):>7}  {agencies} {more}"
        yield Text(visible(line.rstrip()[:width]))


def week_object(week: Week) -> dict[str, Any]:
    """Give a week as programs read it."""
    return {"begins": iso(week.begins * SECOND), "count": week.count, "agencies": dict(week.agencies)}


def lists_table(lists: Sequence[Published], zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of the table of lists that were issued."""
    columns = [
        Column(_("authority"), [each.issuer for each in lists]),
        Column(_("part"), [str(each.shard) if each.shard else _("whole") for each in lists], right=True),
        Column(_("number"), [number(each.number) for each in lists], right=True, rank=2),
        Column(_("revoked"), [number(each.size) for each in lists], right=True),
        Column(_("good until"), [shown(each.next_update * SECOND, zone) for each in lists], rank=1),
    ]
    return table(columns, width)


def list_object(each: Published) -> dict[str, Any]:
    """Give a list that was issued as programs read it."""
    return {
        "issuer": each.issuer,
        "shard": each.shard,
        "number": each.number,
        "size": each.size,
        "next_update": iso(each.next_update * SECOND),
        "octets": each.octets,
    }
