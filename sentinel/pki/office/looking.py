"""What whoever approves a request should know: all that is odd about it, and what is not allowed any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.errors import Refused, SentinelError
from sentinel.language import _
from sentinel.pki.office.working import is_free
from sentinel.pki.register import asking
from sentinel.pki.register.holding import holdings
from sentinel.pki.requests.check import Findings, check
from sentinel.pki.requests.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.pki.model import Order
    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Register, Request
    from sentinel.pki.requests.check import Policy
    from sentinel.settings import Settings

_SECOND: Final = 1_000_000_000
_AT_ONCE: Final = 250


def looked_at(  # noqa: PLR0913, PLR0917 - what, against which policy, when
    home: Home,
    settings: Settings,
    register: Register,
    request: Request,
    now: int,
    told: Callable[[int], None] = lambda _done: None,
) -> list[SentinelError]:
    """Hold what a request still asks for against the policy of today; give what is found, in words.

    What was checked when it was asked for is checked again, since notes are written down nowhere and rights change.
    `now` is nanoseconds since 1970, UTC; `told` hears how many were looked at. Raise StoreError.
    """
    try:
        policy = home.policy(settings, request.requester)
    except SentinelError as fault:
        return [fault]
    findings = Findings()
    orders = [item.order for item in asking.items_of(register, request)]
    held = holdings(register, [order.public_key for order in orders], now // _SECOND)
    for number, order in enumerate(orders, 1):
        if _is_of_subjects(order, policy):
            wanted = _wanted(order, request)
            check(wanted, policy, findings)
            if order.public_key in held:
                is_free(wanted, held[order.public_key], findings)
        if not number % _AT_ONCE:
            told(number)
    gone = _("not allowed any more: {what}")
    return [
        *(Refused(gone.format(what=each.message), place=each.place, hint=each.hint) for each in findings.faults),
        *findings.warnings,
    ]


def _is_of_subjects(order: Order, policy: Policy) -> bool:
    """Tell whether rights of agencies are for it: not for authorities, and who answers for them."""
    profile = policy.profiles.get(order.profile)
    return profile is None or not (profile.authority or profile.no_check)


def _wanted(order: Order, request: Request) -> Wanted:
    return Wanted("", order.profile, order.agency, order.names, order.public_key, order.subject, place=request.id)
