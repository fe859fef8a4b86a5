"""The register as one page of HTML, for auditors: what was issued, to whom, why, and who approved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.console.numbers import number
from sentinel.console.pki import SECOND, state
from sentinel.console.report_html import still_page
from sentinel.console.report_markup import joined, tag
from sentinel.console.times import shown
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.pki.register.file import Request, Row
    from sentinel.pki.signing.approvals import Approval


def register_page(
    rows: Sequence[Row], requests: Mapping[int, tuple[Request, Sequence[Approval]]], now: int, zone: ZoneInfo
) -> str:
    """Give the page; `requests` are those that the certificates came from, with their approvals, by number.

    `now` is nanoseconds since 1970, UTC.
    """
    heads = (
        _("serial"), _("state"), _("agency"), _("profile"), _("names"), _("ends"), _("who"), _("what for"),
        _("approved by"),
    )  # fmt: skip
    lines = (tag("tr", joined(tag("td", cell, cls="wide") for cell in _cells(row, requests, zone))) for row in rows)
    title = _("Certificates")
    header = tag("header", tag("h1", f"{title}: {number(len(rows))}"), tag("p", shown(now, zone), cls="faint"))
    table = tag(
        "table", tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))), tag("tbody", *lines)
    )
    return still_page(title, header, tag("main", tag("section", table)))


def _cells(row: Row, requests: Mapping[int, tuple[Request, Sequence[Approval]]], zone: ZoneInfo) -> tuple[str, ...]:
    request, approvals = requests[row.request]
    names = " ".join(name.partition(":")[2] for name in row.names.split()) or row.subject
    loud = _("{name} (EMERGENCY: {reason})")
    approved = ", ".join(
        loud.format(name=each.approver, reason=each.reason) if each.emergency else each.approver for each in approvals
    )
    stands = f"{state(row.state)} ({row.reason})" if row.reason else state(row.state)
    ends = shown(row.not_after * SECOND, zone)[:10]
    return (
        row.serial.lower(), stands, row.agency, row.profile, names, ends, request.requester, request.purpose, approved,
    )  # fmt: skip
