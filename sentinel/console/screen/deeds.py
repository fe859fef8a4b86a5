"""What the keys do: each asks what it needs, does it to what is marked or looked at, and tells what came of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sentinel.console.screen import keys
from sentinel.console.screen.closing import close
from sentinel.console.screen.dialogs import Agree, Fill, Read
from sentinel.console.screen.doing import finish, in_words, plainly, question
from sentinel.console.screen.suppressing import suppress
from sentinel.console.text import visible
from sentinel.language import _, later
from sentinel.model.alert import Order
from sentinel.triage.actions import Acknowledge, Assign, Note, Pause, Reopen, Resume

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sentinel.console.screen.app import Triage

    Deed = Callable[[Triage], Awaitable[None]]

_ORDERS: Final = {
    Order.RANK: later("by rank"),
    Order.LAST: later("by latest hit"),
    Order.DUE: later("by deadline"),
}


async def acknowledge(screen: Triage) -> None:
    """Say that one looks at it."""
    await plainly(screen, _("Acknowledge"), Acknowledge())


async def take(screen: Triage) -> None:
    """Assign it to oneself."""
    await plainly(screen, _("Take"), Assign(screen.actor().name))


async def assign(screen: Triage) -> None:
    """Assign it to somebody."""
    known = screen.shift.people

    def fault(name: str) -> str:
        if not name or not known or name in known:
            return ""
        return _("nobody is called so; people: {names}").format(names=", ".join(known))

    await in_words(screen, _("Assign to (empty: nobody)"), Assign, check=fault)


async def note(screen: Triage) -> None:
    """Write a note."""
    await in_words(screen, _("Note"), Note, needed=True)


async def reopen(screen: Triage) -> None:
    """Open it again."""
    await in_words(screen, _("Reopen: why"), Reopen)


async def pause(screen: Triage) -> None:
    """Let its clocks stand."""
    await in_words(screen, _("Pause the clocks: why"), Pause, needed=True)


async def resume(screen: Triage) -> None:
    """Let its clocks run."""
    await plainly(screen, _("Resume the clocks"), Resume())


async def undo(screen: Triage) -> None:
    """Take back what was done last in this sitting, or else what was done last to the row."""
    alerts = screen.done.pop() if screen.done else await screen.targets()
    if not alerts:
        return
    if len(alerts) > 1 and not await screen.ask(Agree(question(_("Take back"), len(alerts)))):
        screen.done.append(alerts)
        return
    by, now = screen.actor(), screen.clock()
    outcomes = await screen.writer.asked(lambda desk: desk.undo(alerts, by, now))
    kept = len(screen.done)
    await finish(screen, _("Taken back"), outcomes)
    del screen.done[kept:]  # what was taken back is not taken back again


async def around(screen: Triage) -> None:
    """Show what the host, user and address of an alert did around its time."""
    alert = screen.current()
    if alert is None:
        return
    if screen.shift.around is None:
        screen.tell(_("no events are stored beside these alerts"), problem=True)
        return
    screen.tell(_("looking …"))
    lines = await screen.elsewhere(partial(screen.shift.around, alert))
    screen.tell("")
    await screen.ask(Read(_("Around {title}").format(title=visible(alert.title)), lines, tall=True))


async def filter_(screen: Triage) -> None:
    """Ask for another filter."""
    lines = {"text": ("", screen.filter)}
    answer = await screen.ask(
        Fill(_("Filter: level=high state=new mine overdue platform=portal host=pc*, or words"), lines, _unread(screen))
    )
    if answer is not None:
        screen.choose(answer["text"])


def _unread(screen: Triage) -> Callable[[dict[str, str]], str]:
    def fault(lines: dict[str, str]) -> str:
        screen.shift.read(lines["text"])
        return ""

    return fault


async def order(screen: Triage) -> None:
    """Order the queue another way."""
    orders = list(_ORDERS)
    following = orders[(orders.index(screen.order) + 1) % len(orders)]
    screen.reorder(following)
    screen.tell(_("in order: {order}").format(order=_(_ORDERS[following])))


async def mark_all(screen: Triage) -> None:
    """Mark everything that the filter lets through."""
    await screen.mark_all()


async def help_(screen: Triage) -> None:
    """Show the keys."""
    await screen.ask(Read(_("Keys"), list(keys.help_lines()), tall=True))


DEEDS: Final[Mapping[str, Deed]] = {
    "acknowledge": acknowledge,
    "take": take,
    "assign": assign,
    "note": note,
    "close": close,
    "reopen": reopen,
    "pause": pause,
    "resume": resume,
    "undo": undo,
    "suppress": suppress,
    "around": around,
    "filter": filter_,
    "order": order,
    "mark_all": mark_all,
    "help": help_,
}
