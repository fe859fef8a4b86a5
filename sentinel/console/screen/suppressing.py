"""How alerts like one are held back: the pattern that is asked for, and what it makes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sentinel.console import times
from sentinel.console.screen.dialogs import Fill, told
from sentinel.console.screen.doing import finish
from sentinel.errors import InputError, SentinelError
from sentinel.language import _
from sentinel.model.duration import is_duration, nanoseconds_of
from sentinel.triage.suppressions import Suppression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.console.screen.app import Triage

_USUAL_END: Final = "7d"


async def suppress(screen: Triage) -> None:
    """Hold alerts like this one back."""
    alert = screen.current()
    if alert is None:
        return
    lines = {
        "rule": (_("rule"), _pattern(alert.rule)), "host": (_("host"), _pattern(alert.host)),
        "user": (_("user"), _pattern(alert.user)), "address": (_("source"), _pattern(alert.peer)),
        "platform": (_("platform"), _pattern(alert.platform)), "agency": (_("agency"), _pattern(alert.agency)),
        "until": (_("until (7d, or a date)"), _USUAL_END), "reason": (_("reason"), ""),
    }  # fmt: skip
    title, said = _("Suppress alerts that have all of these; * is any text, empty is any"), ""
    while answer := await screen.ask(Fill(title, lines, partial(_suppression_fault, screen), said=said)):
        lines = {name: (label, answer[name]) for name, (label, _text) in lines.items()}
        by, now = screen.actor(), screen.clock()
        try:
            wanted = _suppression(screen, answer, by.name)
            made, outcomes = await screen.writer.asked(lambda desk: desk.suppress(wanted, by, now))  # noqa: B023 - at once
        except SentinelError as error:
            said = told(error)
            continue
        await finish(screen, _("Suppressed ({id})").format(id=made.id[:8]), outcomes)
        return


def _pattern(text: str) -> str:
    """Give a name as a pattern that can be typed: what cannot be shown may be anything."""
    return "".join(sign if sign.isprintable() else "*" for sign in text)


def _suppression(screen: Triage, lines: Mapping[str, str], owner: str) -> Suppression:
    return Suppression(
        "", owner, lines["reason"], screen.clock(), _end(lines["until"], screen),
        rule=lines["rule"], host=lines["host"], user=lines["user"], address=lines["address"],
        platform=lines["platform"], agency=lines["agency"],
    )  # fmt: skip


def _end(text: str, screen: Triage) -> int:
    now = screen.clock()
    if is_duration(text):
        return now + nanoseconds_of(text)
    found = times.window(None, text or None, screen.shift.zone, now).until
    if found is None:
        raise InputError(_("a suppression must expire"), hint=_("give an end such as 7d, or a date"))
    return found


def _suppression_fault(screen: Triage, lines: Mapping[str, str]) -> str:
    _end(lines["until"], screen)
    return "" if lines["reason"] else _("a reason is needed")
