"""How an action is asked for, done and told: what every key that does something has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from sentinel.console.screen import words
from sentinel.console.screen.dialogs import Agree, Fill, Read, told
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, HEAD, WARNING
from sentinel.errors import SentinelError
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.console.screen.app import Triage
    from sentinel.model.alert import Alert
    from sentinel.triage.actions import Action
    from sentinel.triage.told import Outcome

_TOLD: Final = 200
"""Results of single alerts that are told; those that could not be done come first."""


async def do(screen: Triage, what: str, action: Action, alerts: Sequence[Alert]) -> None:
    """Do an action to alerts, several only if that is agreed to. Raise SentinelError."""
    if len(alerts) > 1 and not await screen.ask(Agree(question(what, len(alerts)))):
        return
    by, now = screen.actor(), screen.clock()
    outcomes = await screen.writer.asked(
        lambda desk: desk.act(action, alerts, by, now, looked_at=True),
    )
    await finish(screen, what, outcomes)


def question(what: str, count: int) -> str:
    """Give what is asked before something is done to several alerts."""
    alerts = n_("{count} alert", "{count} alerts", count).format(count=count)
    return _("{what}: {alerts}?").format(what=what, alerts=alerts)


async def finish(screen: Triage, what: str, outcomes: Sequence[Outcome]) -> None:
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


async def plainly(screen: Triage, what: str, action: Action) -> None:
    """Do what needs no words."""
    alerts = await screen.targets()
    if alerts:
        await do(screen, what, action, alerts)


async def in_words(  # noqa: PLR0913 - what to ask, what is asked already, and what to make of the answer
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
        answer = await screen.ask(Fill(titled(title, alerts), {"text": ("", start)}, fault, said=said))
        if answer is None:
            return
        start = answer["text"]
        try:
            await do(screen, title, make(start), alerts)
        except SentinelError as error:
            said = told(error)
        else:
            return


def titled(title: str, alerts: Sequence[Alert]) -> str:
    """Give the title of a dialog about alerts: which one it is, or how many they are."""
    about = visible(alerts[0].title) if len(alerts) == 1 else n_("{count} alert", "{count} alerts", len(alerts))
    return f"{title} · {about.format(count=len(alerts)) if len(alerts) > 1 else about}"
