"""How alerts are closed: the reason, and of which alert a duplicate is one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sentinel.console.screen import words
from sentinel.console.screen.dialogs import Choose, Fill, told
from sentinel.console.screen.doing import in_words, titled
from sentinel.errors import SentinelError
from sentinel.language import _
from sentinel.model.alert import Reason
from sentinel.triage.actions import Close

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.console.screen.app import Triage
    from sentinel.model.alert import Alert
    from sentinel.triage.desk import Desk

_REASON_KEYS: Final = {
    "t": Reason.TRUE_POSITIVE,
    "f": Reason.FALSE_POSITIVE,
    "b": Reason.BENIGN,
    "d": Reason.DUPLICATE,
}


async def close(screen: Triage) -> None:
    """Close it with a reason."""
    alerts = await screen.targets()
    if not alerts:
        return
    choices = [(key, _(words.REASONS[reason]), reason) for key, reason in _REASON_KEYS.items()]
    reason = await screen.ask(Choose(titled(_("Close"), alerts), choices))
    if reason is None:
        return
    of = ""
    if reason is Reason.DUPLICATE:
        found = await _original(screen, alerts)
        if found is None:
            return
        of = found
    title = _("Close as {reason}").format(reason=_(words.REASONS[reason]))
    await in_words(screen, title, lambda text: Close(reason, text, of), alerts)


async def _original(screen: Triage, alerts: Sequence[Alert]) -> str | None:
    """Ask of which alert these are duplicates; the first of the story is likely. Give its id, None to leave it."""
    likely = alerts[0].story if alerts[0].story not in {alert.id for alert in alerts} else ""
    start, said = likely[:8], ""
    while True:
        title = titled(_("Duplicate of the alert with the id"), alerts)
        answer = await screen.ask(Fill(title, {"text": ("", start)}, said=said))
        if answer is None:
            return None
        start = answer["text"]
        try:
            found = await screen.reader.asked(partial(_one, prefix=start))
        except SentinelError as error:
            said = told(error)
            continue
        if found.id not in {alert.id for alert in alerts}:
            return found.id
        said = _("an alert is no duplicate of itself")


def _one(desk: Desk, prefix: str) -> Alert:
    return desk.one(prefix)
