"""A verdict about a certificate, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.text import fitted, visible
from sentinel.console.theme import FAINT, HEAD, WARNING
from sentinel.console.times import iso, shown
from sentinel.language import _, later
from sentinel.pki.verify.verdict import CHECKS, FAULTS, STATES, Opinion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.pki.verify.fetching import Fetched
    from sentinel.pki.verify.verdict import Link, Objection, Standing, Verdict

_SECOND: Final = 1_000_000_000
_GOOD: Final = "bold green"
_BAD: Final = "bold red"
_OPINIONS: Final = {
    Opinion.AGREES: later("the second opinion (OpenSSL) agrees"),
    Opinion.DIFFERS: later("the second opinion (OpenSSL) differs; the stricter one counts"),
    Opinion.SILENT: later("the second opinion (OpenSSL) holds it good, but was not asked about what is objected to"),
}


def verdict_lines(
    verdict: Verdict, places: Mapping[str, str], fetched: Sequence[Fetched], zone: ZoneInfo, width: int
) -> Iterator[Text]:
    """Give the lines of a verdict; `places` tell by SHA-256 (hex) where certificates were read."""
    moment = shown(verdict.at * _SECOND, zone)[:16]
    if verdict.holds:
        yield Text(_("holds at {moment}").format(moment=moment), style=_GOOD)
    else:
        yield Text(_("does not hold at {moment}").format(moment=moment), style=_BAD)
    for objection in verdict.objections:
        yield from _objection_lines(objection, places)
    yield from _section(_("chain"), _chain_lines(verdict, zone, width))
    if any(each.source or each.detail for each in verdict.standings):
        yield from _section(_("revocation"), (_standing_line(each, zone) for each in verdict.standings))
    if verdict.policies:
        yield Text(_("valid policies: {policies}").format(policies=", ".join(verdict.policies)))
    yield Text(_("checked: {checks}").format(checks=", ".join(_(CHECKS[each]) for each in verdict.checked)))
    yield from _section(_("not checked"), _unchecked_lines(verdict))
    yield from _section(_("fetched"), map(_fetched_line, fetched))
    yield Text(_(_OPINIONS[verdict.opinion]), style="" if verdict.opinion is Opinion.AGREES else WARNING)


def _section(heading: str, lines: Iterator[Text]) -> Iterator[Text]:
    for number, line in enumerate(lines):
        if not number:
            yield Text(heading, style=HEAD)
        yield Text("  ").append_text(line)


def _objection_lines(objection: Objection, places: Mapping[str, str]) -> Iterator[Text]:
    row, link = FAULTS[objection.fault], objection.link
    about = visible(link.subject) if link else ""
    place = visible(places.get(link.fingerprint, "")) if link else ""
    yield Text(f"  {about}" + (f" ({place})" if place else ""))
    said = f": {visible(objection.detail)}" if objection.detail else ""
    yield Text(f"    {_(row.text)}{said}", style=WARNING).append(f" [{row.clause}]", style=FAINT)
    yield Text("    " + _("hint: {text}").format(text=_(row.hint)), style=FAINT)


def _chain_lines(verdict: Verdict, zone: ZoneInfo, width: int) -> Iterator[Text]:
    for number, link in enumerate(verdict.chain, 1):
        until = _("until {moment}").format(moment=shown(link.not_after * _SECOND, zone)[:10])
        name = fitted(visible(link.subject), max(20, width - len(until) - 8))
        yield Text(f"{number} {name}  ").append(until, style=FAINT)


def _standing_line(standing: Standing, zone: ZoneInfo) -> Text:
    source = f" ({standing.source})" if standing.source else ""
    since = f", {shown(standing.since * _SECOND, zone)[:16]}" if standing.since is not None else ""
    reason = f", {visible(standing.reason)}" if standing.reason else ""
    return Text(f"{_(STATES[standing.state])}{source}{since}{reason}: {visible(standing.link.subject)}")


def _unchecked_lines(verdict: Verdict) -> Iterator[Text]:
    for each in verdict.unchecked:
        detail = f" ({visible(each.detail)})" if each.detail else ""
        yield Text(f"{_(CHECKS[each.check])}: {_(each.why)}{detail}", style=FAINT)


def _fetched_line(fetched: Fetched) -> Text:
    what = visible(fetched.fault) if fetched.fault else _("{size} bytes").format(size=fetched.size)
    return Text(f"{visible(fetched.url)}: {what}", style=WARNING if fetched.fault else FAINT)


def verdict_object(verdict: Verdict, places: Mapping[str, str], fetched: Sequence[Fetched]) -> dict[str, Any]:
    """Give a verdict as programs read it: times of RFC 3339, certificates by their SHA-256 (hex)."""
    return {
        "holds": verdict.holds,
        "at": iso(verdict.at * _SECOND),
        "objections": [_objection_object(each) for each in verdict.objections],
        "chain": [_link_object(each, places) for each in verdict.chain],
        "policies": list(verdict.policies),
        "revocation": [_standing_object(each) for each in verdict.standings],
        "checked": list(verdict.checked),
        "unchecked": [asdict(each) | {"why": _(each.why)} for each in verdict.unchecked],
        "second_opinion": verdict.opinion,
        "fetched": [asdict(each) for each in fetched],
    }


def _objection_object(objection: Objection) -> dict[str, Any]:
    row = FAULTS[objection.fault]
    return {
        "fault": objection.fault,
        "certificate": objection.link.fingerprint if objection.link else None,
        "subject": objection.link.subject if objection.link else None,
        "clause": row.clause,
        "message": _(row.text),
        "detail": objection.detail,
        "hint": _(row.hint),
    }


def _link_object(link: Link, places: Mapping[str, str]) -> dict[str, Any]:
    return {
        "subject": link.subject,
        "issuer": link.issuer,
        "serial": link.serial,
        "not_before": iso(link.not_before * _SECOND),
        "not_after": iso(link.not_after * _SECOND),
        "sha256": link.fingerprint,
        "place": places.get(link.fingerprint),
    }


def _standing_object(standing: Standing) -> dict[str, Any]:
    return {
        "certificate": standing.link.fingerprint,
        "state": standing.state,
        "source": standing.source or None,
        "reason": standing.reason or None,
        "since": iso(standing.since * _SECOND) if standing.since is not None else None,
        "detail": standing.detail,
    }
