"""What the keys do: each asks what it needs, does it to what is marked or looked at, and tells what came of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from rich.text import Text

from sentinel.console import times
from sentinel.console.screen import keys, words
from sentinel.console.screen.dialogs import Agree, Choose, Fill, Read, told
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, HEAD, WARNING
from sentinel.errors import InputError, SentinelError
from sentinel.language import _, later, n_
from sentinel.model.alert import Order, Reason
from sentinel.model.duration import is_duration, nanoseconds_of
from sentinel.triage.actions import (
    Acknowledge,
    Action,
    Assign,
    Close,
    Note,
    Pause,
    Reopen,
    Resume,
)
from sentinel.triage.suppressions import Suppression

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from sentinel.console.screen.app import Triage
    from sentinel.model.alert import Alert
    from sentinel.triage.desk import Desk, Outcome

    Deed = Callable[[Triage], Awaitable[None]]

_REASON_KEYS: Final = {
    "t": Reason.TRUE_POSITIVE,
    "f": Reason.FALSE_POSITIVE,
    "b": Reason.BENIGN,
    "d": Reason.DUPLICATE,
}
_TOLD: Final = 200
"""Results of single alerts that are told; those that could not be done come first."""
_USUAL_END: Final = "7d"
_ORDERS: Final = {
    Order.RANK: later("by rank"),
    Order.LAST: later("by latest hit"),
    Order.DUE: later("by deadline"),
}


# ── doing ──


async def _do(screen: Triage, what: str, action: Action, alerts: Sequence[Alert]) -> None:
    """Do an action to alerts, several only if that is agreed to. Raise SentinelError."""
    if len(alerts) > 1 and not await screen.ask(Agree(_question(what, len(alerts)))):
        return
    by, now = screen.actor(), screen.clock()
    outcomes = await screen.writer.asked(
        lambda desk: desk.act(action, alerts, by, now, looked_at=True),
    )
    await _finish(screen, what, outcomes)


def _question(what: str, count: int) -> str:
    alerts = n_("{count} alert", "{count} alerts", count).format(count=count)
    return _("{what}: {alerts}?").format(what=what, alerts=alerts)


async def _finish(screen: Triage, what: str, outcomes: Sequence[Outcome]) -> None:
    """Tell what came of an action, and remember what can be taken back."""
    done = [each for each in outcomes if each.is_done]
    if done:
        screen.done.append([each.alert for each in done if each.alert is not None])
    screen.changed(each.id for each in done)
    if len(outcomes) == 1 and done:
        screen.tell(f"{what}: {visible(done[0].alert.title) if done[0].alert else done[0].id}")
        return
    failed = len(outcomes) - len(done)
    summary = _("{what}: {done} done, {failed} not").format(what=what, done=len(done), failed=failed)
    screen.tell(summary, problem=failed > 0)
    await screen.ask(Read(summary, list(_results(outcomes))))


def _results(outcomes: Sequence[Outcome]) -> Iterator[Text]:
    """Give a line an alert, those first with which it did not work."""
    ordered = sorted(outcomes, key=lambda each: each.is_done)
    for each in ordered[:_TOLD]:
        title = visible(each.alert.title) if each.alert else ""
        result = (_("done"), FAINT) if each.is_done else (words.meanwhile(each), WARNING)
        yield Text.assemble((each.id[:8], HEAD), "  ", title, "  ", result)
    if len(ordered) > _TOLD:
        yield Text(_("… and {count} more").format(count=len(ordered) - _TOLD))


async def _plainly(screen: Triage, what: str, action: Action) -> None:
    """Do what needs no words."""
    alerts = await screen.targets()
    if alerts:
        await _do(screen, what, action, alerts)


async def _in_words(  # noqa: PLR0913 - what to ask, what is asked already, and what to make of the answer
    screen: Triage,
    title: str,
    make: Callable[[str], Action],
    alerts: Sequence[Alert] | None = None,
    *,
    needed: bool = False,
    start: str = "",
    check: Callable[[str], str] = lambda _text: "",
) -> None:
    """Ask for a line and do what it makes; where that fails the line comes back, and why."""
    alerts = await screen.targets() if alerts is None else alerts
    said = ""

    def fault(lines: dict[str, str]) -> str:
        if needed and not lines["text"]:
            return _("a reason is needed")
        return check(lines["text"])

    while alerts:
        answer = await screen.ask(Fill(_titled(title, alerts), {"text": ("", start)}, fault, said=said))
        if answer is None:
            return
        start = answer["text"]
        try:
            await _do(screen, title, make(start), alerts)
        except SentinelError as error:
            said = told(error)
        else:
            return


def _titled(title: str, alerts: Sequence[Alert]) -> str:
    about = visible(alerts[0].title) if len(alerts) == 1 else n_("{count} alert", "{count} alerts", len(alerts))
    return f"{title} · {about.format(count=len(alerts)) if len(alerts) > 1 else about}"


# ── the deeds ──


async def acknowledge(screen: Triage) -> None:
    """Say that one looks at it."""
    await _plainly(screen, _("Acknowledge"), Acknowledge())


async def take(screen: Triage) -> None:
    """Assign it to oneself."""
    await _plainly(screen, _("Take"), Assign(screen.actor().name))


async def assign(screen: Triage) -> None:
    """Assign it to somebody."""
    known = screen.shift.people

    def fault(name: str) -> str:
        if not name or not known or name in known:
            return ""
        return _("nobody is called so; people: {names}").format(names=", ".join(known))

    await _in_words(screen, _("Assign to (empty: nobody)"), Assign, check=fault)


async def note(screen: Triage) -> None:
    """Write a note."""
    await _in_words(screen, _("Note"), Note, needed=True)


async def close(screen: Triage) -> None:
    """Close it with a reason."""
    alerts = await screen.targets()
    if not alerts:
        return
    choices = [(key, _(words.REASONS[reason]), reason) for key, reason in _REASON_KEYS.items()]
    reason = await screen.ask(Choose(_titled(_("Close"), alerts), choices))
    if reason is None:
        return
    of = ""
    if reason is Reason.DUPLICATE:
        found = await _original(screen, alerts)
        if found is None:
            return
        of = found
    title = _("Close as {reason}").format(reason=_(words.REASONS[reason]))
    await _in_words(screen, title, lambda text: Close(reason, text, of), alerts)


async def _original(screen: Triage, alerts: Sequence[Alert]) -> str | None:
    """Ask of which alert these are duplicates; the first of the story is likely. Give its id, None to leave it."""
    likely = alerts[0].story if alerts[0].story not in {alert.id for alert in alerts} else ""
    start, said = likely[:8], ""
    while True:
        title = _titled(_("Duplicate of the alert with the id"), alerts)
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


async def reopen(screen: Triage) -> None:
    """Open it again."""
    await _in_words(screen, _("Reopen: why"), Reopen)


async def pause(screen: Triage) -> None:
    """Let its clocks stand."""
    await _in_words(screen, _("Pause the clocks: why"), Pause, needed=True)


async def resume(screen: Triage) -> None:
    """Let its clocks run."""
    await _plainly(screen, _("Resume the clocks"), Resume())


async def undo(screen: Triage) -> None:
    """Take back what was done last in this sitting, or else what was done last to the row."""
    alerts = screen.done.pop() if screen.done else await screen.targets()
    if not alerts:
        return
    if len(alerts) > 1 and not await screen.ask(Agree(_question(_("Take back"), len(alerts)))):
        screen.done.append(alerts)
        return
    by, now = screen.actor(), screen.clock()
    outcomes = await screen.writer.asked(lambda desk: desk.undo(alerts, by, now))
    kept = len(screen.done)
    await _finish(screen, _("Taken back"), outcomes)
    del screen.done[kept:]  # what was taken back is not taken back again


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
        await _finish(screen, _("Suppressed ({id})").format(id=made.id[:8]), outcomes)
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
