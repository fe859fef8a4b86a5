"""What an action came to, alert by alert: lines for people and objects for programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.alerts import ID_SHOWN, alert_object
from sentinel.console.numbers import number
from sentinel.console.text import visible
from sentinel.console.theme import WARNING
from sentinel.console.times import iso, shown
from sentinel.language import _, later, n_
from sentinel.triage.entries import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.triage.told import Outcome, Told

FEW: Final = 20
"""So many outcomes are told one by one; of more, only how many there are."""
MOST_PROBLEMS: Final = 20
_WORDS: Final = ("reason", "text", "to")

DONE: Final[Mapping[str, str]] = {
    "ack": later("acknowledged"),
    "assign": later("assigned"),
    "note": later("noted"),
    "close": later("closed"),
    "reopen": later("opened again"),
    "pause": later("paused"),
    "resume": later("runs again"),
    "hold": later("held back"),
    "release": later("brought back"),
    "undo": later("taken back"),
}
"""What is said of an alert that an action was done to, by the action's name."""


def outcome_lines(action: str, outcomes: Sequence[Outcome], zone: ZoneInfo, *, dry: bool = False) -> Iterator[Text]:
    """Give a line for each outcome that tells something, and how many there are of each kind; `dry`: nothing was done.

    Of many that were done only the number is told; of many that were not, the first ones.
    """
    if not outcomes:
        yield Text(_("No alert."))
        return
    done = [each for each in outcomes if each.is_done]
    said = _("would be: {what}").format(what=_(DONE[action])) if dry else _(DONE[action])
    for each in done if len(done) <= FEW else ():
        yield _head(each, said)
        for told in each.back:
            yield Text(f"    {told_line(told, zone)}")
    problems = [each for each in outcomes if not each.is_done]
    for each in problems[:MOST_PROBLEMS]:
        yield from _problem(each, zone)
    if len(problems) > MOST_PROBLEMS:
        yield from _left(problems)
    yield Text(counted(said, len(done), len(problems)))


def counted(said: str, done: int, not_done: int) -> str:
    """Give how many were done and how many were not, in words."""
    text = n_("{said}: {count} alert", "{said}: {count} alerts", done).format(said=said, count=number(done))
    return "; ".join((text, _("not done: {count}").format(count=number(not_done)))) if not_done else text


def _left(problems: Sequence[Outcome]) -> Iterator[Text]:
    yield Text(_("… and {count} more; --json tells each").format(count=number(len(problems) - MOST_PROBLEMS)))
    for problem, count in Counter(each.problem for each in problems).most_common(5):
        yield Text(f"  {number(count)} × {problem}")


def _head(outcome: Outcome, said: str) -> Text:
    title = f"  {outcome.alert.title}" if outcome.alert else ""
    return Text(f"{outcome.id[:ID_SHOWN]}  {visible(said)}{visible(title)}")


def _problem(outcome: Outcome, zone: ZoneInfo) -> Iterator[Text]:
    line = _head(outcome, _("not done: {problem}").format(problem=outcome.problem))
    line.stylize(WARNING)
    yield line
    for told in outcome.meanwhile:
        yield Text(f"    {told_line(told, zone)}")
    if outcome.is_noted:
        yield Text("    " + _("what you wrote is kept as a note"))


def told_line(told: Told, zone: ZoneInfo) -> str:
    """Give what happened to an alert in one line: when, who, what, and what was written."""
    return visible("  ".join(filter(None, (shown(told.at, zone), told.actor, kind_of(told.happened), words_of(told)))))


def words_of(told: Told) -> str:
    """Give what was written along with what happened."""
    return " · ".join(text for name in _WORDS if (text := str(getattr(told.happened, name, "") or "")))


def outcomes_object(action: str, by: str, outcomes: Sequence[Outcome], *, dry: bool = False) -> dict[str, Any]:
    """Give what an action came to as programs read it."""
    done = sum(each.is_done for each in outcomes)
    return {
        "action": action,
        "by": by,
        "dry_run": dry,
        "done": done,
        "not_done": len(outcomes) - done,
        "items": [outcome_object(each) for each in outcomes],
    }


def outcome_object(outcome: Outcome) -> dict[str, Any]:
    """Give one outcome: whether it was done, why not, what others did meanwhile, and the alert as it is now.

    `back` is what an undo would take back, where it was only tried.
    """
    return {
        "id": outcome.id,
        "done": outcome.is_done,
        "problem": outcome.problem or None,
        "noted": outcome.is_noted,
        "meanwhile": [_told_object(told) for told in outcome.meanwhile],
        "back": [_told_object(told) for told in outcome.back],
        "alert": alert_object(outcome.alert) if outcome.alert else None,
    }


def _told_object(told: Told) -> dict[str, Any]:
    return {"at": iso(told.at), "actor": told.actor, "what": kind_of(told.happened), "words": words_of(told)}
