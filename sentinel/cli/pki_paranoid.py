"""The option --paranoid, which has pkilint judge what is to be signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli.pki_telling import telling
from sentinel.errors import Refused
from sentinel.language import _, later

if TYPE_CHECKING:
    from sentinel.cli.pki import Call
    from sentinel.pki.office.working import Judge
    from sentinel.pki.register.file import Request

Paranoid = Annotated[
    bool, typer.Option("--paranoid", help=later("Have pkilint, a linter of others, judge each certificate too: slow."))
]
_AT_ONCE = 50


def judging(*, paranoid: bool) -> Judge:
    """Give what judges certificates beside our own lints. Raise InputError where pkilint is not installed."""
    from sentinel.pki.certificates import paranoid as second
    from sentinel.pki.office.working import judge_none

    if not paranoid:
        return judge_none
    second.check_installed()
    return second.judge


def judge_request(call: Call, found: Request) -> None:
    """Have all of a request judged that is not issued yet; raise Refused for the first certificate with a fault."""
    from sentinel.pki.register.asking import items_of

    judge, algorithm = judging(paranoid=True), call.register.authority(found.issuer).issuer.algorithm
    items = items_of(call.register, found)
    with telling(call.now, _("certificates checked"), len(items)) as told:
        for number, item in enumerate(items, 1):
            if faults := judge(item.tbs, algorithm):
                name = str(item.order.names[0]) if item.order.names else str(number)
                raise Refused(str(faults[0]), place=f"{found.id}: {name}", hint=_("reject it, and have it asked anew"))
            if number % _AT_ONCE == 0 or number == len(items):
                told(number)
