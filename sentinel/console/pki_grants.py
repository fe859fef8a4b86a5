"""Standing grants as a table, and as other programs read them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from sentinel.console.numbers import number
from sentinel.console.tables import Column, table
from sentinel.console.theme import WARNING
from sentinel.console.times import iso, shown
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from sentinel.pki.office.grants import Standing

_SPANS: Final = (
    (86_400, later("{count} d")),
    (3600, later("{count} h")),
    (60, later("{count} min")),
    (1, later("{count} s")),
)


def span_of(seconds: int) -> str:
    """Give a span in its largest unit that it is a multiple of: 1 d, 90 min."""
    unit, told = next(each for each in _SPANS if seconds % each[0] == 0)
    return _(told).format(count=number(seconds // unit))


def grants_table(grants: Sequence[Standing], zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of the table of grants."""
    columns = [
        Column(_("grant"), [each.grant.name for each in grants], least=8),
        Column(_("gave"), [number(each.used) for each in grants], right=True),
        Column(_("at most"), [_at_most(each) for each in grants], rank=2),
        Column(_("agency"), [each.grant.agency for each in grants], rank=1, least=6),
        Column(_("profile"), [each.grant.profile for each in grants], rank=3, least=8),
        Column(_("names"), [" ".join(each.grant.names) for each in grants], least=12),
        Column(_("until"), [_until(each, zone) for each in grants], rank=1),
        Column(_("approved by"), [", ".join(each.approvers) for each in grants], rank=4, least=8),
    ]
    return table(columns, width)


def _at_most(each: Standing) -> str:
    return _("{count} in {span}").format(count=number(each.grant.count), span=span_of(each.grant.seconds))


def _until(each: Standing, zone: ZoneInfo) -> str | Text:
    from rich.text import Text

    if each.withdrawn:
        return Text(_("withdrawn {time}").format(time=shown(each.withdrawn, zone)[:10]), style=WARNING)
    return shown(each.grant.expires, zone)[:10]


def grant_object(each: Standing) -> dict[str, Any]:
    """Give a grant as programs read it."""
    grant = asdict(each.grant) | {"at": iso(each.grant.at), "expires": iso(each.grant.expires)}
    return {
        "grant": grant,
        "given": iso(each.at),
        "requester": each.requester,
        "approvers": [*each.approvers],
        "used": each.used,
        "withdrawn": iso(each.withdrawn) if each.withdrawn else None,
    }
