"""The register for auditors, as one page of HTML and as programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.console.numbers import number
from sentinel.console.pki import SECOND, approval_object, certificate_object
from sentinel.console.report_html import still_page
from sentinel.console.report_markup import joined, tag
from sentinel.console.times import iso, shown
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from sentinel.pki.register.accounts import Account, Approved


def register_page(accounts: Iterable[Account], origin: str, now: int, zone: ZoneInfo) -> str:
    """Give the page; `origin` is the ledger that the numbers of entries are of, `now` nanoseconds since 1970, UTC."""
    heads = (
        _("serial"), _("state"), _("agency"), _("profile"), _("names"), _("ends"), _("who"), _("what for"),
        _("approved by"), _("entry"),
    )  # fmt: skip
    lines = [tag("tr", joined(tag("td", cell, cls="wide") for cell in _cells(each, zone))) for each in accounts]
    title = _("Certificates")
    ledger = _("entries are those of the ledger {origin}").format(origin=origin)
    about = tag("p", f"{shown(now, zone)} · {ledger}", cls="faint")
    header = tag("header", tag("h1", f"{title}: {number(len(lines))}"), about)
    table = tag(
        "table", tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))), tag("tbody", *lines)
    )
    return still_page(title, header, tag("main", tag("section", table)))


def _cells(each: Account, zone: ZoneInfo) -> tuple[str, ...]:
    row, request = each.row, each.approved.request
    names = " ".join(name.partition(":")[2] for name in row.names.split()) or row.subject
    changed = f"{shown(row.changed, zone)} {each.changed_by}"
    why = ": ".join(filter(None, (row.reason, each.text)))
    return (
        row.serial.lower(), "; ".join(filter(None, (row.state.told, why, changed))), row.agency, row.profile, names,
        shown(row.not_after * SECOND, zone)[:10], f"{request.requester}, {shown(request.at, zone)}", request.purpose,
        _approvers(each.approved, zone), str(each.entry or "–"),
    )  # fmt: skip


def _approvers(approved: Approved, zone: ZoneInfo) -> str:
    """Give who approved a request and when; an emergency is loud."""
    loud = _("{name} (EMERGENCY: {reason})")
    told = [
        f"{loud.format(name=each.approver, reason=each.reason) if each.emergency else each.approver}, "
        f"{shown(each.at, zone)}"
        for each in approved.approvals
    ]
    grant = [_("grant {name}").format(name=approved.grant)] if approved.grant else []
    return "; ".join([*told, *grant])


def account_object(each: Account, origin: str) -> dict[str, Any]:
    """Give what auditors are told of a certificate as programs read it; `origin` is the ledger of its entry."""
    request = each.approved.request
    return certificate_object(each.row) | {
        "changed_by": each.changed_by or None,
        "text": each.text or None,
        "requester": request.requester,
        "requested_at": iso(request.at),
        "purpose": request.purpose,
        "approvals": [*map(approval_object, each.approved.approvals)],
        "grant": each.approved.grant or None,
        "sha256": each.digest or None,
        "ledger": origin,
        "entry": each.entry or None,
    }
